import type { EventLog } from '../events/event-log';
import { invalidOption, LocalRuntimeError } from '../common/errors';
import type { InvocationFault } from '../request/invocation';
import type { Session } from '../session/session';

/** Which requests a fault meets. */
export interface FaultScope {
  /**
   * How many requests it meets before it is over.
   *
   * @default 1
   */
  readonly times?: number;
  /**
   * Requests of this session alone.
   *
   * @default - those of every session, and those without one
   */
  readonly sessionId?: string;
  /**
   * Requests with this JSON-RPC method alone, such as `tools/call`.
   *
   * @default - every method
   */
  readonly rpcMethod?: string;
}

type Kind = 'throttle' | 'dropStream' | 'delay';

interface Planned {
  readonly kind: Kind;
  readonly sessionId: string | undefined;
  readonly rpcMethod: string | undefined;
  readonly delayMs: number;
  left: number;
}

/** What is to meet one request. */
export interface PlannedFault extends InvocationFault {
  readonly throttled: boolean;
}

/** Things that go wrong on AWS sooner or later, on request: for the tests of clients and servers. */
export interface Faults {
  /**
   * Ends a session as its idle timeout would. Its id then gets new compute, whose server does not know it.
   *
   * @throws LocalRuntimeError `ERR_UNKNOWN_SESSION`
   */
  expireSession(sessionId: string): Promise<void>;
  /**
   * Kills the process of a session (SIGKILL).
   *
   * @throws LocalRuntimeError `ERR_UNKNOWN_SESSION`
   */
  crash(sessionId: string): Promise<void>;
  /** The next requests get a ThrottlingException. */
  throttle(scope?: FaultScope): void;
  /** The connection of the next requests breaks after the first bytes of the response. */
  dropStream(scope?: FaultScope): void;
  /** The next requests are held back so long, by the clock of the local runtime, before they reach their session. */
  delay(ms: number, scope?: FaultScope): void;
  /** Nothing that was planned happens any more. */
  clear(): void;
}

/** The faults that were asked for, and which of them a request meets. */
export class FaultPlan implements Faults {
  private plans: Planned[] = [];

  public constructor(
    private readonly find: (sessionId: string) => Session | undefined,
    private readonly log: EventLog,
  ) {}

  public async expireSession(sessionId: string): Promise<void> {
    const session = this.sessionOf(sessionId, 'expireSession');
    session.stop('expired');
    await session.over;
  }

  public async crash(sessionId: string): Promise<void> {
    const session = this.sessionOf(sessionId, 'crash');
    session.kill();
    await session.over;
  }

  public throttle(scope?: FaultScope): void {
    this.plan('throttle', scope);
  }

  public dropStream(scope?: FaultScope): void {
    this.plan('dropStream', scope);
  }

  public delay(ms: number, scope?: FaultScope): void {
    this.plan('delay', scope, ms);
  }

  public clear(): void {
    this.plans = [];
  }

  /** Whether anything is to meet a request. */
  public get planned(): boolean {
    return this.plans.length > 0;
  }

  /** What is to meet a request; counts it. */
  public take(sessionId: string | undefined, rpcMethod: string | undefined): PlannedFault {
    const fault = { throttled: false, dropStream: false, delayMs: 0 };
    for (const planned of this.plans) {
      if ((planned.sessionId ?? sessionId) !== sessionId || (planned.rpcMethod ?? rpcMethod) !== rpcMethod) {
        continue;
      }
      planned.left--;
      this.log.record({ type: 'fault', fault: planned.kind, sessionId });
      if (planned.kind === 'throttle') {
        fault.throttled = true;
      } else if (planned.kind === 'dropStream') {
        fault.dropStream = true;
      } else {
        fault.delayMs += planned.delayMs;
      }
    }
    this.plans = this.plans.filter(({ left }) => left > 0);
    return fault;
  }

  private plan(kind: Kind, { times = 1, sessionId, rpcMethod }: FaultScope = {}, delayMs = 0): void {
    if (!Number.isInteger(times) || times < 1) {
      throw invalidOption('times', times, 'a whole number of 1 or more');
    }
    if (!(delayMs >= 0)) {
      throw invalidOption('ms', delayMs, '0 or more');
    }
    this.plans.push({ kind, sessionId, rpcMethod, delayMs, left: times });
  }

  private sessionOf(sessionId: string, fault: string): Session {
    const session = this.find(sessionId);
    if (!session) {
      throw new LocalRuntimeError(
        'ERR_UNKNOWN_SESSION',
        `\`${fault}\`: no live session has the id ${sessionId}; see \`LocalRuntime.sessions()\``,
      );
    }
    this.log.record({ type: 'fault', fault, sessionId });
    return session;
  }
}
