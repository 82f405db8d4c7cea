import type { Dispatcher, Pool } from 'undici';
import { ServerSocket } from './server-socket';

/** A request as its server gets it. */
export interface ServerRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, without those that frame the body. */
  readonly headers: readonly string[];
  /** What has come whole, or a stream of it; undefined without one. */
  readonly body: Dispatcher.DispatchOptions['body'] | undefined;
  /** Length of a stream that says it; without it, the stream goes in chunks. */
  readonly length?: number | undefined;
}

/** Who is told of the response to a request. */
export interface ServerResponseHandler {
  onRequestStart(controller: ServerRequestController): void;
  /** Told of interim responses, too. */
  onResponseStart(controller: ServerRequestController, status: number): void;
  onResponseData(controller: ServerRequestController, chunk: Buffer): void;
  onResponseEnd(controller: ServerRequestController): void;
  /** @param controller - undefined when the request was not sent */
  onResponseError(controller: ServerRequestController | undefined, error: Error): void;
}

/** The hand on a request under way, from its `onRequestStart` on. */
export type ServerRequestController = Dispatcher.DispatchController;

/**
 * A server closes idle connections after 2 s (gunicorn) to 5 s (Node, uvicorn): one that is about to be closed must not
 * be used again.
 */
const IDLE_MS = 1000;

/** The connections to one server of loopback, kept open between requests; each takes one request at a time. */
export class ServerConnections {
  private pool: Pool | undefined;
  private readonly opening: Promise<Pool>;

  public constructor(port: number) {
    this.opening = openPool(port);
    this.opening.then(
      pool => {
        this.pool = pool;
      },
      () => {},
    );
  }

  /** Sends a request. Whatever becomes of it is told to the handler. */
  public dispatch({ method, path, headers, body, length }: ServerRequest, handler: ServerResponseHandler): void {
    const framed = length === undefined ? [...headers] : [...headers, 'Content-Length', String(length)];
    const options = { method, path, headers: framed, body: body ?? null };
    if (this.pool) {
      this.pool.dispatch(options, handler);
    } else {
      this.opening.then(
        pool => pool.dispatch(options, handler),
        (error: unknown) => {
          handler.onResponseError(undefined, error as Error);
        },
      );
    }
  }

  /** Closes all of them. */
  public destroy(): void {
    this.opening.then(
      pool => pool.destroy(),
      () => {},
    );
  }
}

/** Loaded while the first server starts, which takes longer. */
async function openPool(port: number): Promise<Pool> {
  const { Pool } = await import('undici');
  return new Pool(`http://127.0.0.1:${port}`, {
    connect: (_, connected) => {
      ServerSocket.connect(port, connected);
    },
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    keepAliveTimeoutThreshold: IDLE_MS,
    // How long a request may take is for its session to say.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** The headers of a response as they came: names and values in turn. */
export function headersOf({ rawHeaders }: ServerRequestController): string[] {
  return Array.isArray(rawHeaders)
    ? rawHeaders.map(text => (typeof text === 'string' ? text : text.toString('latin1')).trim())
    : [];
}
