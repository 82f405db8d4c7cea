import { BoundedByOwner } from '../common/bounded-by-owner';
import type { Session } from './session';

/** Clients that ignore their ids get another one with each request. */
const REMEMBERED = 1000;

interface Issued {
  readonly session: Session;
  readonly identity: string | undefined;
}

/**
 * The `Mcp-Session-Id`s that the platform has issued to clients of servers without sessions, so that these come back to
 * their process. The last 1000 are remembered; beyond that the oldest of the caller with the most is forgotten.
 */
export class IssuedIds {
  private readonly issued = new BoundedByOwner<Issued>(REMEMBERED);

  public remember(id: string, issued: Issued): void {
    this.issued.set(id, issued, issued.identity);
  }

  public get(id: string): Issued | undefined {
    return this.issued.get(id);
  }

  public delete(id: string): void {
    this.issued.delete(id);
  }

  /** The process of a session takes no further requests. */
  public forget(session: Session): void {
    this.issued.deleteWhere(issued => issued.session === session);
  }
}
