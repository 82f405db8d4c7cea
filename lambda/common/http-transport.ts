import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PIECE_BYTES } from './piece';
import { TransientFailure } from './retry';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream needs a `content-length` header. */
  readonly body?: Buffer | AsyncIterable<Buffer>;
  /** Ends the request when nothing went over its connection for so long. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  /** What was asked: method, origin and path. */
  readonly request: string;
  readonly url: URL;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  /** Gives up what is not yet sent or received. */
  discard(): void;
}

const AGENT_OPTIONS: https.AgentOptions = { keepAlive: true, maxSockets: 8 };

/** Codes of Node.js for a connection that failed or broke. */
const NETWORK_ERROR =
  /^(E(ADDRNOTAVAIL|AI_|CONN|HOST|NET|NOTFOUND|PIPE|PROTO|TIMEDOUT)|ERR_SSL_|ERR_STREAM_PREMATURE_CLOSE|HPE_)/;

/**
 * No attempt cures these: a certificate that is not trusted stays so.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const CERTIFICATE_ERROR =
  /^(CERT_|CRL_|DEPTH_ZERO_|ERR(OR_IN|_TLS)_|HOSTNAME_|INVALID_(CA|PURPOSE)|PATH_|SELF_SIGNED_|UNABLE_TO_|UNSPECIFIED)/;

/**
 * HTTP with bodies as streams, over `node:https`: `fetch` hides when a server answers before it has read an upload.
 *
 * Failures of the connection are thrown as `TransientFailure`; a response is a response, whatever its status.
 */
export class HttpTransport {
  private readonly httpAgent = new http.Agent(AGENT_OPTIONS);
  private readonly httpsAgent = new https.Agent(AGENT_OPTIONS);

  public send(request: HttpRequest): Promise<HttpResponse> {
    const { method, url, headers, body, idleTimeoutMs, signal } = request;
    const where = `${method} ${url.origin}${url.pathname}`;
    return new Promise((resolve, reject) => {
      let silence: TransientFailure | undefined;
      // Of a connection that is given up, Node.js tells the reader of its response only that it is gone.
      const explained = (error: Error) => connectionFailure(silence ?? error, where, signal);
      const failed = (error: Error) => reject(explained(error));
      const options = { method, headers: { 'user-agent': 'cdk-stateful-mcp', ...headers }, signal };
      const outgoing =
        url.protocol === 'http:'
          ? http.request(url, { ...options, agent: this.httpAgent })
          : https.request(url, { ...options, agent: this.httpsAgent });
      outgoing.setTimeout(idleTimeoutMs, () => {
        silence = new TransientFailure(`${where}: nothing was sent or received for ${idleTimeoutMs / 1000} s`);
        outgoing.destroy(silence);
      });
      outgoing.on('error', failed);
      outgoing.on('response', incoming => {
        resolve({
          request: where,
          url,
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: bodyOf(incoming, explained),
          // A connection whose exchange is over stays.
          discard: () => void outgoing.destroy(),
        });
      });
      if (body === undefined || Buffer.isBuffer(body)) {
        outgoing.end(body);
      } else {
        pipeline(Readable.from(body, { objectMode: false, highWaterMark: PIECE_BYTES }), outgoing).catch(failed);
      }
    });
  }

  public close(): void {
    this.httpAgent.destroy();
    this.httpsAgent.destroy();
  }
}

async function* bodyOf(incoming: http.IncomingMessage, explained: (error: Error) => Error): AsyncIterable<Buffer> {
  try {
    for await (const chunk of incoming) {
      yield chunk as Buffer;
    }
  } catch (error) {
    throw explained(error as Error);
  }
}

/** What a body that is being sent throws passes as it is. */
function connectionFailure(error: Error, where: string, signal: AbortSignal): Error {
  if (signal.aborted) {
    return signal.reason as Error;
  }
  const { code = '', message: detail } = error as NodeJS.ErrnoException;
  const message = `${where}: ${detail || code}`;
  if (CERTIFICATE_ERROR.test(code)) {
    return new CertificateError(message, { cause: error });
  }
  return NETWORK_ERROR.test(code) ? new TransientFailure(message, { cause: error }) : error;
}

/** The server is not who it should be. */
export class CertificateError extends Error {}

/** A body that should be small goes on and on. */
export class LongBodyError extends Error {}

/** A small body, whole. */
export async function readBody(response: HttpResponse, limit = 4 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) {
      response.discard();
      throw new LongBodyError(`the answer to ${response.request}, which should be small, has more than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
