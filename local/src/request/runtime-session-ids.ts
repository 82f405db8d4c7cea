import { BoundedByOwner } from '../common/bounded-by-owner';

/** Clients that let the AWS SDK choose send another id with each request. */
const REMEMBERED = 16;

/**
 * The runtime session ids that the last requests of a session carried, each with the caller who sent it first: by
 * these, too, a caller names its session. When there are more than 16, the oldest of the caller with the most is
 * forgotten.
 */
export class RuntimeSessionIds {
  private readonly ids = new BoundedByOwner<true>(REMEMBERED);

  public remember(id: string, identity: string | undefined): void {
    if (!this.ids.has(id)) {
      this.ids.set(id, true, identity);
    }
  }

  public has(id: string): boolean {
    return this.ids.has(id);
  }

  public callerOf(id: string): string | undefined {
    return this.ids.ownerOf(id);
  }
}
