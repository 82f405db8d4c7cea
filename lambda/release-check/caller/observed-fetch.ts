import { setTimeout as delay } from 'node:timers/promises';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The headers that have the id of a session, of the protocol and of the platform. */
const SESSION_HEADERS = [MCP_SESSION_ID, RUNTIME_SESSION_ID];

/** A `fetch` that takes note of the sessions of a check, whose log lines explain a failure. */
export class ObservedFetch {
  private readonly pausesMs: Iterator<number>;

  /**
   * @param sessionIds - gets the ids
   * @param denialPausesMs - pauses after denials, all in all: the permission of the function may be newer than it takes
   * to have effect
   */
  public constructor(
    private readonly sessionIds: Set<string>,
    denialPausesMs: readonly number[],
    private readonly onDenied: (pauseMs: number) => void,
  ) {
    this.pausesMs = denialPausesMs.values();
  }

  public readonly fetch: Fetch = async (url, init) => {
    this.note(new Headers(init?.headers));
    for (;;) {
      const response = await fetch(url, init);
      this.note(response.headers);
      const next = response.status === 403 ? this.pausesMs.next() : undefined;
      if (next === undefined || next.done) {
        return response;
      }
      const pause: number = next.value;
      await response.body?.cancel();
      this.onDenied(pause);
      await delay(pause, undefined, init?.signal ? { signal: init.signal } : {});
    }
  };

  private note(headers: Headers): void {
    for (const name of SESSION_HEADERS) {
      const id = headers.get(name);
      if (id !== null) {
        this.sessionIds.add(id);
      }
    }
  }
}
