import { awaitedLater } from '../../common/awaited-later';
import { digestOf } from '../common/digest';
import { ImageAssemblyError } from '../common/failures';
import {
  CertificateError,
  readBody,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from '../../common/http-transport';
import { MANIFEST_TYPES, type Descriptor } from '../common/media-types';
import { RegistryAuthorization, TokenRefusedError, type CredentialsSource } from './registry-authorization';
import {
  failureOf,
  isTransient,
  kindOf,
  mediaTypeOf,
  transientFailureOf,
  type RegistryFailure,
  type RegistryResponse,
} from './registry-response';
import { resumable, type OpenedSource } from '../transport/resumable';
import { TransientFailure, withRetries, type RetryPolicy } from '../../common/retry';
import { verified } from '../transport/verified';

export interface RegistryClientOptions {
  /** `https://{registry}` */
  readonly endpoint: URL;
  readonly repository: string;
  /** What the repository is used for: `pull`, or `pull,push`. */
  readonly access: 'pull' | 'pull,push';
  readonly credentials?: CredentialsSource;
  readonly transport: HttpTransport;
  readonly retryPolicy: RetryPolicy;
  /** How long a connection may be silent. */
  readonly idleTimeoutMs: number;
  /**
   * The error to throw for a failure: a base image that is not found is something else than a repository that is not
   * found.
   */
  readonly explain: (failure: RegistryFailure) => ImageAssemblyError;
}

export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

interface RegistryRequest {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Scopes beside that of the repository. */
  readonly scopes?: readonly string[];
  readonly signal: AbortSignal;
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
const UPLOAD_STARTS_AGAIN = [404, 408, 416, 429];

/** A registry checks a whole layer between its last byte and the response. */
const UPLOAD_IDLE_TIMEOUT_FACTOR = 5;

const MAX_REDIRECTS = 5;

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
  private readonly authorization: RegistryAuthorization;
  private readonly scope: string;

  public constructor(private readonly options: RegistryClientOptions) {
    this.authorization = new RegistryAuthorization(options.transport, options.idleTimeoutMs, options.credentials);
    this.scope = `repository:${options.repository}:${options.access}`;
  }

  /** The manifest or index of a tag or digest; undefined where the repository has none of that name. */
  public async findManifest(reference: string, signal: AbortSignal): Promise<Manifest | undefined> {
    const response = await this.ask({
      method: 'GET',
      path: `manifests/${reference}`,
      headers: { accept: MANIFEST_TYPES.join(', ') },
      signal,
    });
    const { status, headers, body } = response;
    if (status === 404 && !body.includes('NAME_UNKNOWN')) {
      return undefined;
    }
    this.expect(response, 200);
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
    const response = await this.ask({
      method: 'PUT',
      path: `manifests/${tag}`,
      headers: { 'content-type': mediaType },
      body: content,
      signal,
    });
    if (response.status >= 400 && response.status !== 401 && response.status !== 403) {
      return this.options.explain(failureOf(response));
    }
    this.expect(response, 201);
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
    return verified(this.explained(bytes), descriptor, this.options.endpoint.host);
  }

  public async hasBlob(digest: string, signal: AbortSignal): Promise<boolean> {
    const response = await this.ask({ method: 'HEAD', path: `blobs/${digest}`, signal });
    if (response.status === 404) {
      return false;
    }
    this.expect(response, 200);
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
    return this.settled(
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
    const response = await this.ask({
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
    const response = await this.ask({ method: 'POST', path: 'blobs/uploads/', body: Buffer.alloc(0), signal });
    this.expect(response, 202);
    return this.locationOf(response);
  }

  private locationOf({ headers }: RegistryResponse): URL {
    return new URL(headers.location ?? '', this.options.endpoint);
  }

  /**
   * A first failure is worth another attempt whatever it is: a token may have expired, and a run at the same time may
   * have brought the blob, for which the next attempt looks first.
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
    const incoming = await this.sendOnce({ method: 'PUT', url, headers, body: open(signal), idleTimeoutMs, signal }, [
      this.scope,
    ]);
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
    return this.request({ method: 'GET', path: `blobs/${descriptor.digest}`, headers, signal }, async incoming => {
      if (incoming.status !== 200 && incoming.status !== 206) {
        throw this.options.explain(failureOf(await whole(incoming)));
      }
      const start =
        incoming.status === 200
          ? 0
          : Number(/^bytes (\d+)-/.exec(incoming.headers['content-range'] ?? '')?.[1] ?? offset);
      return { start, bytes: incoming.body };
    });
  }

  private ask(request: RegistryRequest): Promise<RegistryResponse> {
    return this.request(request, whole);
  }

  /** Sends a request until the answer is neither a demand for a token nor a reason to try again, and receives it. */
  private async request<T>(
    { method, path, headers, body, scopes = [], signal }: RegistryRequest,
    receive: (incoming: HttpResponse) => Promise<T>,
  ): Promise<T> {
    const { endpoint, repository, idleTimeoutMs, retryPolicy } = this.options;
    const url = new URL(`/v2/${repository}/${path}`, endpoint);
    return this.settled(
      withRetries(retryPolicy, signal, async () => {
        const incoming = await this.sendAuthorized({ method, url, headers, body, idleTimeoutMs, signal }, [
          this.scope,
          ...scopes,
        ]);
        if (isTransient(incoming.status)) {
          throw transientFailureOf(await whole(incoming));
        }
        return receive(incoming);
      }),
    );
  }

  private async sendAuthorized(request: HttpRequest, scopes: readonly string[]): Promise<HttpResponse> {
    const sent = await this.authorization.header(scopes, request.signal);
    const response = await this.sendOnce(request, scopes);
    const refused = response.status === 401 || (response.status === 403 && sent !== undefined);
    if (!refused) {
      return response;
    }
    const again = await this.authorization.answer(response.headers['www-authenticate'], scopes, sent, request.signal);
    if (!again) {
      return response;
    }
    await readBody(response);
    return this.sendOnce(request, scopes);
  }

  /** Follows redirects, with the authorization going to the registry's own origin only. */
  private async sendOnce(request: HttpRequest, scopes: readonly string[]): Promise<HttpResponse> {
    const { transport, endpoint } = this.options;
    let url = request.url;
    for (let redirects = 0; ; redirects++) {
      const authorization =
        url.origin === endpoint.origin ? await this.authorization.header(scopes, request.signal) : undefined;
      const response = await transport.send({
        ...request,
        url,
        headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
      });
      const readOnly = request.method === 'GET' || request.method === 'HEAD';
      if (
        !readOnly ||
        redirects === MAX_REDIRECTS ||
        ![301, 302, 303, 307, 308].includes(response.status) ||
        response.headers.location === undefined
      ) {
        return response;
      }
      await readBody(response);
      url = new URL(response.headers.location, url);
    }
  }

  private expect(response: RegistryResponse, status: number): void {
    if (response.status !== status) {
      throw this.options.explain(failureOf(response));
    }
  }

  private compare(what: string, promised: string | string[] | undefined, digest: string): void {
    if (promised !== undefined && promised !== digest) {
      throw new ImageAssemblyError(
        'ERR_DIGEST_MISMATCH',
        `${this.options.endpoint.host} has ${what} of ${this.options.repository} with the digest ` +
          `${String(promised)} instead of ${digest}: the registry, or something between, is damaged; nothing of it was used`,
      );
    }
  }

  /** Turns what is left when all attempts are used up into an error of the assembler. */
  private async settled<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      throw this.explainedError(error);
    }
  }

  private async *explained(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    try {
      yield* bytes;
    } catch (error) {
      throw this.explainedError(error);
    }
  }

  private explainedError(error: unknown): unknown {
    if (error instanceof TransientFailure) {
      return this.options.explain({ kind: kindOf(error.status), message: error.message });
    }
    if (error instanceof TokenRefusedError) {
      return this.options.explain({ kind: 'denied', message: error.message });
    }
    return error instanceof CertificateError
      ? this.options.explain({ kind: 'unavailable', message: error.message })
      : error;
  }
}

async function whole(incoming: HttpResponse): Promise<RegistryResponse> {
  return { ...incoming, body: await readBody(incoming) };
}
