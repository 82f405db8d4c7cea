import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What happens to a request instead of, or on the way to, its answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string | string[]>; readonly body?: string }
  /** Answers, and breaks the connection after so many bytes of the body. */
  | { readonly cutAfter: number }
  /** Answers with other bytes of the same length. */
  | { readonly wrongBytes: true }
  /** Answers as if the request had not asked for a range. */
  | { readonly ignoresRange: true }
  /** Answers in pieces, with a pause before each. */
  | { readonly pieces: number; readonly pauseMs: number }
  /** Never answers. */
  | { readonly silent: true };

export interface FaultyRegistry {
  readonly host: string;
  readonly url: URL;
  /** Requests so far, as `METHOD path`, without the version and the query. */
  readonly requests: string[];
  /** The `authorization` header of each of them. */
  readonly authorizations: (string | undefined)[];
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly mediaType: string; readonly content: Buffer }>;
  /** Adds a blob and gives its descriptor. */
  addBlob(content: Buffer | string, mediaType?: string): { mediaType: string; digest: string; size: number };
  /** Faults for the next requests whose `METHOD path` matches, in their order. */
  fail(pattern: RegExp, ...faults: (Fault | 'none')[]): void;
  /** Called for each request before it is answered; a result is the answer. */
  intercept?: (request: IncomingMessage) => Fault | undefined;
  close(): Promise<void>;
}

/** A registry in memory, for faults only: whether the assembler speaks with real ones is tested in test/image. */
export async function startFaultyRegistry(): Promise<FaultyRegistry> {
  const uploads = new Set<string>();
  const planned: { pattern: RegExp; faults: (Fault | 'none')[] }[] = [];
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry: FaultyRegistry = {
    host,
    url: new URL(`http://${host}`),
    requests: [],
    authorizations: [],
    blobs: new Map(),
    manifests: new Map(),
    addBlob(content, mediaType = 'application/octet-stream') {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      registry.blobs.set(digest, bytes);
      return { mediaType, digest, size: bytes.length };
    },
    fail: (pattern, ...faults) => void planned.push({ pattern, faults }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return registry;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', registry.url);
    const name = `${request.method} ${pathname.replace(/^\/v2\//, '')}`;
    registry.requests.push(name);
    registry.authorizations.push(request.headers.authorization);
    const next = planned.find(({ pattern, faults }) => pattern.test(name) && faults.length > 0)?.faults.shift();
    const fault = registry.intercept?.(request) ?? (next === 'none' ? undefined : next);
    if (fault !== undefined && 'silent' in fault) {
      return;
    }
    if (fault !== undefined && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    const [, kind = '', reference = ''] = /^[^ ]+ .+?\/(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(name) ?? [];
    switch (`${request.method} ${kind}`) {
      case 'GET manifests':
      case 'HEAD manifests': {
        const manifest = registry.manifests.get(reference);
        if (manifest === undefined) {
          return refuse(response, 404, 'MANIFEST_UNKNOWN');
        }
        return give(
          request,
          response,
          manifest.content,
          { 'content-type': manifest.mediaType, 'docker-content-digest': digestOf(manifest.content) },
          fault,
        );
      }
      case 'PUT manifests': {
        const content = await buffer(request);
        for (const key of [reference, digestOf(content)]) {
          registry.manifests.set(key, { mediaType: request.headers['content-type'] ?? '', content });
        }
        response.writeHead(201).end();
        return;
      }
      case 'GET blobs':
      case 'HEAD blobs': {
        const blob = registry.blobs.get(reference);
        return blob === undefined ? refuse(response, 404, 'BLOB_UNKNOWN') : give(request, response, blob, {}, fault);
      }
      case 'POST blobs/uploads': {
        const upload = randomUUID();
        uploads.add(upload);
        response.writeHead(202, { location: `/v2/expenses/blobs/uploads/${upload}?_state=1%3D` }).end();
        return;
      }
      case 'PUT blobs/uploads': {
        if (!uploads.delete(reference)) {
          return refuse(response, 404, 'BLOB_UPLOAD_UNKNOWN');
        }
        const content = await buffer(request);
        const digest = searchParams.get('digest') ?? '';
        if (digestOf(content) !== digest) {
          return refuse(response, 400, 'DIGEST_INVALID');
        }
        registry.blobs.set(digest, content);
        response.writeHead(201).end();
        return;
      }
      default:
        return refuse(response, 404, 'UNSUPPORTED');
    }
  }
}

async function give(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  headers: Record<string, string>,
  fault: Fault | undefined,
): Promise<void> {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const start = range === undefined || (fault !== undefined && 'ignoresRange' in fault) ? 0 : Number(range);
  const asked = content.subarray(start);
  const bytes = fault !== undefined && 'wrongBytes' in fault ? Buffer.alloc(asked.length, 'x') : asked;
  const rangeHeaders = start === 0 ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start === 0 ? 200 : 206, { ...headers, ...rangeHeaders, 'content-length': bytes.length });
  if (request.method === 'HEAD') {
    response.end();
  } else if (fault !== undefined && 'cutAfter' in fault) {
    response.write(bytes.subarray(0, fault.cutAfter), () => setImmediate(() => response.destroy()));
  } else if (fault !== undefined && 'pieces' in fault) {
    const size = Math.ceil(bytes.length / fault.pieces);
    for (let position = 0; position < bytes.length; position += size) {
      await new Promise(resolve => setTimeout(resolve, fault.pauseMs));
      response.write(bytes.subarray(position, position + size));
    }
    response.end();
  } else {
    response.end(bytes);
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ code, message: 'no' }] }));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
