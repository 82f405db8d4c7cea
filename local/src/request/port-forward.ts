import type { Exchange } from '../http/exchange';
import { endToEndHeaders, NOT_FOR_THE_CLIENT, NOT_FOR_THE_SERVER } from '../http/end-to-end-headers';
import { lengthOf } from '../http/framing';
import { headersOf, type ServerConnections, type ServerRequestController } from '../http/server-connections';
import { payloadTooLong, type PlatformException } from '../platform/platform-errors';
import { withoutPrivateAddress } from './private-address';
import type { TimeLimits } from './time-limits';

/** What callers show to the platform, and not to the server. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-security-token',
]);

/** A port of a session, and what of it is asked for. */
export interface PortRequest {
  readonly port: number;
  readonly connections: ServerConnections;
  /** Path and query at that port. */
  readonly path: string;
  /** Told when there is no answer. */
  readonly failed: (exception: PlatformException | undefined) => void;
}

/**
 * Sends a request to a port of a session and the response back, both as they come and whatever they are. Settles when
 * the exchange is over.
 */
export function forwardToPort(
  exchange: Exchange,
  { port, connections, path, failed }: PortRequest,
  limits: TimeLimits,
): Promise<void> {
  const { response, method, rawHeaders, body } = exchange;
  let controller: ServerRequestController | undefined;
  /** Nothing that the port still says is wanted. */
  let isOver = false;
  const abort = (): void => {
    isOver = true;
    controller?.abort(new Error('the request was given up'));
  };
  const giveUp = (exception?: PlatformException): void => {
    if (isOver) {
      return;
    }
    abort();
    if (response.headersSent) {
      response.destroy();
    } else {
      failed(exception);
    }
  };
  limits.tell(giveUp);
  return new Promise(resolve => {
    response.once('close', () => {
      abort();
      resolve();
    });
    void body
      .toServer(() => {
        giveUp(payloadTooLong(body.limitBytes));
      })
      .then(content => {
        if (isOver) {
          return;
        }
        const headers = endToEndHeaders(rawHeaders, key => !NOT_FOR_THE_SERVER.has(key) && !CREDENTIALS.has(key));
        const length = Buffer.isBuffer(content) ? undefined : lengthOf(rawHeaders);
        connections.dispatch(
          { method, path, headers, body: content, length },
          {
            onRequestStart: started => {
              controller = started;
              if (isOver) {
                abort();
              }
            },
            onResponseStart: (started, status) => {
              if (status < 200) {
                return;
              }
              limits.streaming();
              const raw = headersOf(started);
              const sent = lengthOf(raw);
              const handedOn = endToEndHeaders(raw, key => !NOT_FOR_THE_CLIENT.has(key));
              if (sent !== undefined) {
                handedOn.push('Content-Length', String(sent));
              }
              response.writeHead(status, withoutPrivateAddress(handedOn, port));
              response.flushHeaders();
            },
            onResponseData: (started, chunk) => {
              if (!response.write(chunk)) {
                started.pause();
                response.once('drain', () => {
                  started.resume();
                });
              }
            },
            onResponseEnd: () => {
              controller = undefined;
              response.end();
            },
            onResponseError: () => {
              controller = undefined;
              giveUp();
            },
          },
        );
      })
      .catch(() => {
        giveUp();
      });
  });
}
