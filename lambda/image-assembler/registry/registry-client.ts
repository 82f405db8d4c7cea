import { awaitedLater } from '../../common/awaited-later';
import { digestOf } from '../common/digest';
import { ImageAssemblyError } from '../common/failures';
import { MANIFEST_TYPES, type Descriptor } from '../common/media-types';
import { RegistryConnection, whole, type RegistryConnectionOptions } from './registry-connection';
import { failureOf, isTransient, mediaTypeOf, transientFailureOf, type RegistryResponse } from './registry-response';
import { resumable, type OpenedSource } from '../transport/resumable';
import { urlAfter } from '../../common/encrypted-url';
import { withRetries } from '../../common/retry';
import { verified } from '../transport/verified';

export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

/** The bytes of a blob. Called again for each attempt to upload it. */
export type OpenBlob = (signal: AbortSignal) => AsyncIterable<Buffer>;

/** A place for a blob. */
export type BegunUpload = Promise<URL>;

export interface PutBlobOptions {
  /** Another repository of the registry that has the blob. */
  readonly mountFrom?: string;
  /** Whether the first attempt looks for the blob, as each further one does. @default true */
  readonly lookFirst?: boolean;
  /** Used by the first attempt. */
  readonly begun?: BegunUpload;
}

/** Not found and out of range: the registry has lost the upload, or remembers another start of it. */
const UPLOAD_STARTS_AGAIN = [404, 416];

/** A registry checks a whole layer between its last byte and the response. */
const UPLOAD_IDLE_TIMEOUT_FACTOR = 5;

/** The configurations of images have some kilobytes. */
const MAX_SMALL_BLOB = 4 * 1024 * 1024;

/**
 * One repository of a registry, by the OCI distribution API.
 *
 * A blob is uploaded in one piece, `POST` and `PUT`, as containerd does. Uploads of several `PATCH` requests are left
 * alone: Amazon ECR answers them with a status and a `Range` of its own making
 * (https://github.com/aws/containers-roadmap/issues/2831). An upload that breaks starts again with a new `POST`,
 * because ECR remembers what it got of the first (status 416).
 */
export class RegistryClient {
  private readonly connection: RegistryConnection;

  public constructor(private readonly options: RegistryConnectionOptions) {
    this.connection = new RegistryConnection(options);
  }

  /** The manifest or index of a tag or digest; undefined where the repository has none of that name. */
  public async findManifest(reference: string, signal: AbortSignal): Promise<Manifest | undefined> {
    const response = await this.connection.ask({
      method: 'GET',
      path: `manifests/${reference}`,
      headers: { accept: MANIFEST_TYPES.join(', ') },
      signal,
    });
    const { status, headers, body } = response;
    if (status === 404 && !body.includes('NAME_UNKNOWN')) {
      return undefined;
    }
    this.connection.expect(response, 200);
    const digest = digestOf(body);
    this.compare(
      `manifest ${reference}`,
      reference.startsWith('sha256:') ? reference : headers['docker-content-digest'],
      digest,
    );
    return { mediaType: mediaTypeOf(response), digest, content: body };
  }

  /**
   * Adds a manifest under a tag.
   *
   * @returns why the registry will not have it, where that is for what it already has, or has not: a tag that may not
   * be moved, a layer
   */
  public async putManifest(
    tag: string,
    { mediaType, digest, content }: Manifest,
    signal: AbortSignal,
  ): Promise<ImageAssemblyError | undefined> {
    const response = await this.connection.ask({
      method: 'PUT',
      path: `manifests/${tag}`,
      headers: { 'content-type': mediaType },
      body: content,
      signal,
    });
    if (response.status >= 400 && response.status !== 401 && response.status !== 403) {
      return this.options.explain(failureOf(response));
    }
    this.connection.expect(response, 201);
    this.compare(`manifest ${tag}`, response.headers['docker-content-digest'], digest);
    return undefined;
  }

  /** A small blob, whole and verified. */
  public async getBlob(descriptor: Descriptor, signal: AbortSignal): Promise<Buffer> {
    if (descriptor.size > MAX_SMALL_BLOB) {
      throw this.options.explain({
        kind: 'refused',
        message: `${descriptor.digest} has ${descriptor.size} bytes, and should be small`,
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of this.readBlob(descriptor, signal)) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /**
   * The bytes of a blob, verified: whoever has read to the end has read what the digest says. Resumes where a
   * connection broke.
   */
  public readBlob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Buffer> {
    const { retryPolicy } = this.options;
    const bytes = resumable({
      size: descriptor.size,
      retryPolicy,
      signal,
      open: offset => this.openBlob(descriptor, offset, signal),
    });
    return verified(this.connection.explained(bytes), descriptor, this.options.endpoint.host);
  }

  public async hasBlob(digest: string, signal: AbortSignal): Promise<boolean> {
    const response = await this.connection.ask({ method: 'HEAD', path: `blobs/${digest}`, signal });
    if (response.status === 404) {
      return false;
    }
    this.connection.expect(response, 200);
    return true;
  }

  /**
   * Begins the upload of a blob that is still being made, as Docker does for a layer that it compresses. `putBlob`
   * tells if that failed; an upload that does not go on is forgotten by the registry.
   */
  public beginUpload(signal: AbortSignal): BegunUpload {
    return awaitedLater(this.startUpload(signal));
  }

  /**
   * Makes sure that the repository has a blob.
   *
   * @returns how it came there
   */
  public async putBlob(
    descriptor: Descriptor,
    open: OpenBlob,
    signal: AbortSignal,
    options: PutBlobOptions = {},
  ): Promise<'present' | 'mounted' | 'uploaded'> {
    let { mountFrom, lookFirst = true, begun } = options;
    const start = () =>
      begun ?? (mountFrom === undefined ? this.startUpload(signal) : this.mount(descriptor, mountFrom, signal));
    return this.connection.settled(
      withRetries(this.options.retryPolicy, signal, async attempt => {
        if (lookFirst && (await this.hasBlob(descriptor.digest, signal))) {
          return 'present';
        }
        lookFirst = true;
        const location = await start();
        // Whatever came of these, they are not tried twice.
        begun = mountFrom = undefined;
        if (location === 'mounted') {
          return 'mounted';
        }
        await this.upload(location, descriptor, open, attempt, signal);
        return 'uploaded';
      }),
    );
  }

  /** A registry that will not mount may begin an upload instead. */
  private async mount({ digest }: Descriptor, from: string, signal: AbortSignal): Promise<URL | 'mounted'> {
    const query = new URLSearchParams({ mount: digest, from }).toString();
    const response = await this.connection.ask({
      method: 'POST',
      path: `blobs/uploads/?${query}`,
      scopes: [`repository:${from}:pull`],
      body: Buffer.alloc(0),
      signal,
    });
    if (response.status === 201) {
      return 'mounted';
    }
    return response.status === 202 ? this.locationOf(response) : this.startUpload(signal);
  }

  private async startUpload(signal: AbortSignal): Promise<URL> {
    const response = await this.connection.ask({
      method: 'POST',
      path: 'blobs/uploads/',
      body: Buffer.alloc(0),
      signal,
    });
    this.connection.expect(response, 202);
    return this.locationOf(response);
  }

  private locationOf({ headers }: RegistryResponse): URL {
    return urlAfter(this.options.endpoint, headers.location ?? '');
  }

  /**
   * A first failure is worth another attempt whatever it is. A token may have expired, or a run at the same time may
   * have brought the blob: the next attempt looks for it first.
   */
  private async upload(
    location: URL,
    descriptor: Descriptor,
    open: OpenBlob,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const url = new URL(
      `${location.href}${location.search === '' ? '?' : '&'}digest=${encodeURIComponent(descriptor.digest)}`,
    );
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(descriptor.size) };
    const idleTimeoutMs = this.options.idleTimeoutMs * UPLOAD_IDLE_TIMEOUT_FACTOR;
    const incoming = await this.connection.sendOnce({
      method: 'PUT',
      url,
      headers,
      body: open(signal),
      idleTimeoutMs,
      signal,
    });
    const response = await whole(incoming);
    incoming.discard();
    if (response.status === 201) {
      return;
    }
    throw attempt === 1 || UPLOAD_STARTS_AGAIN.includes(response.status) || isTransient(response.status)
      ? transientFailureOf(response)
      : this.options.explain(failureOf(response));
  }

  private async openBlob(descriptor: Descriptor, offset: number, signal: AbortSignal): Promise<OpenedSource> {
    const headers = offset === 0 ? undefined : { range: `bytes=${offset}-` };
    return this.connection.request(
      { method: 'GET', path: `blobs/${descriptor.digest}`, headers, signal },
      async incoming => {
        if (incoming.status !== 200 && incoming.status !== 206) {
          throw this.options.explain(failureOf(await whole(incoming)));
        }
        const start =
          incoming.status === 200
            ? 0
            : Number(/^bytes (\d+)-/.exec(incoming.headers['content-range'] ?? '')?.[1] ?? offset);
        return { start, bytes: incoming.body };
      },
    );
  }

  private compare(what: string, promised: string | string[] | undefined, digest: string): void {
    // Digests of other algorithms are for those who know them.
    if (String(promised).startsWith('sha256:') && promised !== digest) {
      throw new ImageAssemblyError(
        'ERR_DIGEST_MISMATCH',
        `${this.options.endpoint.host} has ${what} of ${this.options.repository} with the digest ` +
          `${String(promised)} instead of ${digest}: the registry, or something between, is damaged; nothing of it was used`,
      );
    }
  }
}
