import type { SessionStopReason } from '../events/events';
import type { RuntimeProtocol } from '../model/runtime-definition';

/**
 * What a session was started for.
 *
 * - `initialize`: an initialize request without a session id
 * - `known-id`: a request with an id that no live session has
 * - `shared`: all requests without an id that are not initialize
 * - `single-request`: one such request
 */
export type SessionKind = 'initialize' | 'known-id' | 'shared' | 'single-request';

/** Whether a session is for whoever sends requests without an id, instead of for one client. */
export function servesMany(kind: SessionKind): boolean {
  return kind === 'shared' || kind === 'single-request';
}

/** What the requests of one session do with it: how many are open, when the last one was, how they were answered. */
export class SessionUsage {
  /** When a request last began or ended, or the process started; milliseconds since 1970. */
  public lastActiveAt = 0;
  private openRequests = 0;
  private openPosts = 0;
  private respondedOnce = false;
  /** Whether the server has answered anything but errors. */
  private accepted = false;
  private deleted = false;

  public constructor(
    private readonly kind: SessionKind,
    private readonly protocol: RuntimeProtocol,
  ) {}

  /** Whether a POST is being answered; an open GET stream alone is no use of a session. */
  public get active(): boolean {
    return this.openPosts > 0;
  }

  public get hasOpenRequests(): boolean {
    return this.openRequests > 0;
  }

  public begin(method: string, now: number): void {
    this.openRequests++;
    this.openPosts += method === 'POST' ? 1 : 0;
    this.lastActiveAt = now;
  }

  public end(method: string, now: number): void {
    this.openRequests--;
    this.openPosts -= method === 'POST' ? 1 : 0;
    this.lastActiveAt = now;
  }

  /**
   * The server has begun to answer.
   *
   * @returns whether it is the first time
   */
  public responded(method: string, status: number): boolean {
    const isFirst = !this.respondedOnce;
    this.respondedOnce = true;
    if (status < 400) {
      this.accepted = true;
      // No single client may end the process that all requests without a session share.
      this.deleted ||= method === 'DELETE' && this.kind !== 'shared';
    }
    return isFirst;
  }

  /**
   * Why the session has no use any more, now that a request of it has ended; undefined while it has.
   *
   * @param isKnown - whether a client has an id to come back with
   */
  public endReason(isKnown: boolean): SessionStopReason | undefined {
    if (this.deleted) {
      return 'deleted';
    }
    if (this.openRequests > 0) {
      return undefined;
    }
    if (this.kind === 'single-request') {
      return 'request-ended';
    }
    const mayBeRefused = this.kind !== 'shared' && this.protocol !== 'HTTP' && !this.accepted;
    return mayBeRefused && (this.respondedOnce || !isKnown) ? 'refused' : undefined;
  }
}
