/** Clients that let the AWS SDK choose send another id with each request. */
const REMEMBERED = 16;

/**
 * The runtime session ids that the last requests of a session carried, each with the caller who sent it first: by
 * these, too, a caller names its session.
 */
export class RuntimeSessionIds {
  private readonly callers = new Map<string, string | undefined>();

  public remember(id: string, identity: string | undefined): void {
    const { callers } = this;
    if (callers.has(id)) {
      return;
    }
    callers.set(id, identity);
    if (callers.size <= REMEMBERED) {
      return;
    }
    for (const oldest of callers.keys()) {
      callers.delete(oldest);
      return;
    }
  }

  public has(id: string): boolean {
    return this.callers.has(id);
  }

  public callerOf(id: string): string | undefined {
    return this.callers.get(id);
  }
}
