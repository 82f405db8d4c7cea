import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import {
  LocalRuntime,
  type LocalRuntimeDefinition,
  type LocalRuntimeOptions,
  type ManualClock,
  type SessionLogEntry,
  type SessionStoppedEvent,
} from 'stateful-mcp-local';

const fixture = (file: string): string => path.join(__dirname, 'fixtures', file);

/** The server of fixtures/session-server.mjs as a runtime. */
export function sessionServer(definition: Partial<LocalRuntimeDefinition> = {}): LocalRuntimeDefinition {
  return { name: 'sessions', command: [process.execPath, fixture('session-server.mjs')], ...definition };
}

/** A server of fixtures/failing-server.mjs as a runtime. */
export function failingServer(how: string, definition: Partial<LocalRuntimeDefinition> = {}): LocalRuntimeDefinition {
  return { name: 'failing', command: [process.execPath, fixture('failing-server.mjs'), how], ...definition };
}

const running: LocalRuntime[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(runtime => runtime.close()));
});

/** A local runtime that the end of the test disposes of. */
export function newRuntime(options: LocalRuntimeOptions): LocalRuntime {
  const runtime = new LocalRuntime(options);
  running.push(runtime);
  return runtime;
}

/** A ready local runtime with the session server and a port. */
export async function startRuntime(options: Partial<LocalRuntimeOptions> = {}): Promise<Started> {
  const log: SessionLogEntry[] = [];
  const runtime = newRuntime({ runtimes: [sessionServer()], log: entry => log.push(entry), ...options });
  await runtime.ready;
  const listener = await runtime.listen();
  return { runtime, url: listener.url, endpoint: new McpEndpoint(`${listener.url}/mcp`), log };
}

export interface Started {
  readonly runtime: LocalRuntime;
  readonly url: string;
  readonly endpoint: McpEndpoint;
  readonly log: SessionLogEntry[];
}

/** A local runtime with one session and a clock that stands still. */
export interface SessionStarted extends Started {
  readonly clock: ManualClock;
  readonly sessionId: string;
}

/** The next session that stops, or that has the given id when it stops. */
export async function nextStop(runtime: LocalRuntime, sessionId?: string): Promise<SessionStoppedEvent> {
  for (;;) {
    const [event] = (await once(runtime.events, 'session-stopped')) as [SessionStoppedEvent];
    if (sessionId === undefined || event.sessionId === sessionId) {
      return event;
    }
  }
}

/** The result of a tool of the session server. */
export interface Described {
  readonly pid: number;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
}

export interface JsonRpc<Result> {
  readonly id: number | string | null;
  readonly result?: Result;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A client that says exactly what the test wants. */
export class McpEndpoint {
  private nextId = 1;

  public constructor(public readonly url: string) {}

  public send(body: unknown, sessionId?: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    };
    return fetch(this.url, {
      method: 'POST',
      body: JSON.stringify(body),
      ...init,
      headers: { ...headers, ...init.headers },
    });
  }

  /** Starts a session and gives its id. */
  public async initialize(): Promise<string> {
    const response = await this.send({ jsonrpc: '2.0', id: this.nextId++, method: 'initialize', params: {} });
    expect(response.status).toBe(200);
    await response.text();
    return response.headers.get('mcp-session-id') as string;
  }

  public call(tool: string, args: object = {}, sessionId?: string, init?: RequestInit): Promise<Response> {
    return this.send(
      { jsonrpc: '2.0', id: this.nextId++, method: 'tools/call', params: { name: tool, arguments: args } },
      sessionId,
      init,
    );
  }

  public async message<Result>(tool: string, args: object = {}, sessionId?: string): Promise<JsonRpc<Result>> {
    const response = await this.call(tool, args, sessionId);
    return (await response.json()) as JsonRpc<Result>;
  }

  public async describe(sessionId?: string): Promise<Described> {
    const { result } = await this.message<Described>('describe', {}, sessionId);
    return result as Described;
  }
}

/** Whether a process runs. One that has ended and waits for its parent to take notice does not. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

/** Waits until a condition holds, at most 5 s. */
export async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (condition()) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('the condition did not come to hold within 5 s');
}
