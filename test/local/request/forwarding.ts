import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from 'stateful-mcp-local';
import type { Exchange } from '../../../local/src/http/exchange';
import { listen } from '../../../local/src/http/listener';
import { ServerConnections } from '../../../local/src/http/server-connections';
import type { ErrorDialect } from '../../../local/src/platform/error-encoding';
import { HeaderPolicy } from '../../../local/src/platform/header-policy';
import { requestLimits, type RequestLimits } from '../../../local/src/platform/limits';
import { platformSettings } from '../../../local/src/platform/platform-settings';
import type { SessionProcess } from '../../../local/src/process/session-process';
import { forward, type ForwardedFor } from '../../../local/src/request/forward';
import { Invocation, type InvocationFault } from '../../../local/src/request/invocation';
import { TimeLimits } from '../../../local/src/request/time-limits';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

/** A server on loopback, which the end of the test closes. */
export interface Origin {
  readonly port: number;
  readonly connections: ServerConnections;
  /** The requests that have reached it, as `POST /path`. */
  readonly seen: string[];
}

export async function startOrigin(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Origin> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connections = new ServerConnections(port);
  closers.push(() => {
    connections.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { port, connections, seen };
}

/** A port whose exchanges the test handles. */
export async function startDoor(handle: (exchange: Exchange) => Promise<void>, longestBody = Infinity) {
  const door = await listen({}, { handle, refused: () => {}, longestBody });
  closers.push(() => void door.close());
  return door.url;
}

export interface ForwardingOptions {
  readonly session?: Partial<ForwardedFor>;
  readonly limits?: Partial<RequestLimits>;
  readonly dialect?: ErrorDialect;
  readonly fault?: InvocationFault;
}

/** A door that forwards what comes to the origin, as to the process of a session. */
export async function startForwarding(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { session, limits: given, dialect = 'mcp', fault = {} }: ForwardingOptions = {},
) {
  const origin = await startOrigin(answer);
  const clock = new ManualClock();
  const limits = requestLimits(given);
  const invocations: Invocation[] = [];
  const over: Invocation[] = [];
  const url = await startDoor(async exchange => {
    const invocation = new Invocation(exchange, dialect, platformSettings(), new TimeLimits(clock, limits));
    invocation.fault = fault;
    invocations.push(invocation);
    await forward(invocation, origin as unknown as SessionProcess, {
      limits,
      headers: new HeaderPolicy('all', () => {}),
      path: '/mcp',
      addedHeaders: () => [],
      hidesAnswer: () => false,
      responded: () => ({ mcpSessionId: undefined, runtimeSessionId: 'runtime-session' }),
      whyEnded: () => Promise.resolve(undefined),
      ...session,
    });
    over.push(invocation);
  }, limits.payloadBytes);
  return { ...origin, url, clock, invocations, over };
}

export const MESSAGE = '{"jsonrpc":"2.0","id":7,"method":"tools/call"}';

export function post(url: string, body: BodyInit = MESSAGE, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/any`, { method: 'POST', body, duplex: 'half', ...init } as RequestInit);
}

/** A request whose body comes when the test says so. */
export function open(url: string, headers: Record<string, string> = {}) {
  const request = send(`${url}/any`, { method: 'POST', headers, agent: false });
  request.on('error', () => {});
  request.flushHeaders();
  return request;
}
