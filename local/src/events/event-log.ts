import type { Clock } from '../common/clock';
import type { SessionStoppedEvent, VersionPublishedEvent } from './events';

/** What a local runtime remembers of what happened, for looking at it in a test. */
export type LoggedEvent = { readonly at: Date } & UnloggedEvent;

/** One of the things that can happen, without its time. */
export type UnloggedEvent =
  | { readonly type: 'session-started'; readonly runtimeName: string; readonly sessionId: string; readonly pid: number }
  | ({ readonly type: 'session-stopped' } & SessionStoppedEvent)
  | ({ readonly type: 'version-published' } & VersionPublishedEvent)
  | {
      readonly type: 'request';
      readonly runtimeName: string;
      /** Undefined when it reached no session. */
      readonly sessionId: string | undefined;
      /** HTTP method. */
      readonly method: string;
      /** JSON-RPC method, where the request has one. */
      readonly rpcMethod: string | undefined;
      /** HTTP status; undefined when the client went away before its response. */
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
  private readonly events: UnloggedEvent[] = [];
  /** When each of them happened, in milliseconds since 1970. */
  private readonly times: number[] = [];
  private oldest = 0;

  /** @param onEvent - told of each event as it happens */
  public constructor(
    private readonly clock: Clock,
    private readonly onEvent: (event: UnloggedEvent, at: number) => void = () => {},
  ) {}

  public record(event: UnloggedEvent): void {
    const at = this.clock.now();
    // A ring: when it is full, each takes the place of the oldest.
    const place = this.events.length < REMEMBERED ? this.events.length : this.oldest;
    if (this.events.length === REMEMBERED) {
      this.oldest = (this.oldest + 1) % REMEMBERED;
    }
    this.events[place] = event;
    this.times[place] = at;
    this.onEvent(event, at);
  }

  /** Oldest first. */
  public get entries(): readonly LoggedEvent[] {
    const logged = this.events.map((event, place) => ({ at: new Date(this.times[place] as number), ...event }));
    return [...logged.slice(this.oldest), ...logged.slice(0, this.oldest)];
  }
}
