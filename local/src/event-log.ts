import type { Clock } from './clock';
import type { SessionStoppedEvent, VersionPublishedEvent } from './events';

/** What a local runtime remembers of what happened, for looking at it in a test. */
export type LoggedEvent = { readonly at: Date } & UnloggedEvent;

export type UnloggedEvent
  = | { readonly type: 'session-started'; readonly runtimeName: string; readonly sessionId: string; readonly pid: number }
    | { readonly type: 'session-stopped' } & SessionStoppedEvent
    | { readonly type: 'version-published' } & VersionPublishedEvent
    | {
      readonly type: 'request';
      readonly runtimeName: string;
      /** Undefined when it reached no session. */
      readonly sessionId: string | undefined;
      /** HTTP method. */
      readonly method: string;
      /** JSON-RPC method, where the request has one. */
      readonly rpcMethod: string | undefined;
      /** HTTP status; undefined when the client went away before its answer. */
      readonly status: number | undefined;
      /** Exception of the platform and its cause, when it failed. */
      readonly error: { readonly name: string; readonly message: string } | undefined;
      /** By the clock of the local runtime. */
      readonly durationMs: number;
    }
    | {
      /** Anything but InvokeAgentRuntime. */
      readonly type: 'operation';
      /** Such as `StopRuntimeSession` or `CreateAgentRuntime`; undefined when nothing is served at the path. */
      readonly operation: string | undefined;
      /** HTTP method. */
      readonly method: string;
      /** Without the query. */
      readonly path: string;
      /** Undefined when it reached no runtime. */
      readonly runtimeName: string | undefined;
      readonly status: number | undefined;
      readonly error: { readonly name: string; readonly message: string } | undefined;
    }
    | { readonly type: 'fault'; readonly fault: string; readonly sessionId: string | undefined };

const REMEMBERED = 1000;

/** The last 1000 events. */
export class EventLog {
  private events: LoggedEvent[] = [];

  /** @param onEvent - told of each event as it happens */
  public constructor(private readonly clock: Clock, private readonly onEvent: (event: LoggedEvent) => void = () => {}) {}

  public add(event: UnloggedEvent): void {
    const logged = { at: new Date(this.clock.now()), ...event };
    this.events.push(logged);
    this.onEvent(logged);
    // To take one from the front for each that comes would move all the others each time.
    if (this.events.length >= 2 * REMEMBERED) this.events = this.events.slice(-REMEMBERED);
  }

  /** Oldest first. */
  public get entries(): readonly LoggedEvent[] {
    return this.events.slice(-REMEMBERED);
  }
}
