import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** The session was just being started or stopped: the request did not reach the server. */
const BUSY = /\boperation in progress\b/i;

/** The server was not there in time: the request did not reach it. */
const NEVER_STARTED = /\bruntime initialization time exceeded\b/i;

/** The server did not become healthy, or is no longer: only before its first answer did the request not reach it. */
const UNHEALTHY = /\bruntime health check (failed|timed out)\b/i;

/**
 * The start of a session: AgentCore starts a microVM with the first request, and refuses what comes meanwhile. One
 * request goes first, and the others wait until something has been answered. What the platform refused before it
 * reached the server may be sent again; nothing else may.
 */
export class ColdStart {
  /** What the platform said when it refused a request last. */
  public lastRefusal?: string;
  private answered = false;
  private turn?: Promise<void>;

  /** @param limitMs - how long refused requests are sent again */
  public constructor(private readonly limitMs: number) {}

  /** Waits for the turn of a request, and gives back what ends it. */
  public async begin(): Promise<() => void> {
    while (!this.answered && this.turn !== undefined) {
      await this.turn;
    }
    if (this.answered) {
      return () => undefined;
    }
    let end: () => void = () => undefined;
    this.turn = new Promise(resolve => {
      end = resolve;
    });
    return () => {
      this.turn = undefined;
      end();
    };
  }

  /** The server has answered: it is there. */
  public over(): void {
    this.answered = true;
  }

  /**
   * Whether an answer says that its request never reached the server. A server's own error with the same code has
   * another text.
   */
  public neverReached(body: string): boolean {
    // Bodies can be large, and these are rare.
    const { conflict, serverFailed } = PLATFORM_ERROR_CODES;
    if (!body.includes(String(conflict)) && !body.includes(String(serverFailed))) {
      return false;
    }
    let error: { code?: unknown; message?: unknown } | undefined;
    try {
      ({ error } = JSON.parse(body) as { error?: typeof error });
    } catch {
      return false;
    }
    const message = String(error?.message);
    const isRefusal =
      (error?.code === conflict && BUSY.test(message)) ||
      (error?.code === serverFailed && (NEVER_STARTED.test(message) || (!this.answered && UNHEALTHY.test(message))));
    this.lastRefusal = isRefusal ? message : this.lastRefusal;
    return isRefusal;
  }

  /**
   * How long to wait before each further try: twice as long each time, by chance up to half shorter, in milliseconds.
   * It ends when none is left before the limit, so that the last refusal says why.
   */
  public *delays(): Generator<number, undefined> {
    const end = Date.now() + this.limitMs;
    for (let most = FIRST_DELAY_MS; ; most = Math.min(most * 2, LONGEST_DELAY_MS)) {
      const delay = most * (0.5 + Math.random() / 2);
      if (Date.now() + delay >= end) {
        return undefined;
      }
      yield delay;
    }
  }
}
