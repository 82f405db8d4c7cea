import type { Session } from '../session/session';
import type { SessionDescription } from '../session/session-description';
import type { ServedRuntime } from './served-runtime';

/** The runtimes that are served, whoever has defined them: options, a cloud assembly or the control plane. */
export class RuntimeSet {
  private readonly runtimes: ServedRuntime[] = [];

  /** In the order they were registered. */
  public get all(): readonly ServedRuntime[] {
    return this.runtimes;
  }

  public register(runtime: ServedRuntime): void {
    this.runtimes.push(runtime);
  }

  /** Its requests reach nothing from now on; one that is not registered is none of its business. */
  public remove(runtime: ServedRuntime): void {
    const place = this.runtimes.indexOf(runtime);
    if (place >= 0) {
      this.runtimes.splice(place, 1);
    }
  }

  public named(name: string): ServedRuntime | undefined {
    return this.runtimes.find(({ definition }) => definition.name === name);
  }

  /** The live session with an id of either kind. */
  public findSession(sessionId: string): Session | undefined {
    return this.runtimes.map(({ sessions }) => sessions.find(sessionId)).find(session => session !== undefined);
  }

  /** Every live session. */
  public get liveSessions(): readonly Session[] {
    return this.runtimes.flatMap(({ sessions }) => [...sessions.running]);
  }

  /** The live sessions of each runtime, after the last 100 that have ended. */
  public describeSessions(): readonly SessionDescription[] {
    return this.runtimes.flatMap(({ sessions }) => sessions.describe());
  }

  /** Ends every session and the processes that wait for one. */
  public async close(): Promise<void> {
    await Promise.all(this.runtimes.map(runtime => runtime.close('closed')));
  }
}
