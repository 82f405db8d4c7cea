import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

export interface EventStoreLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

interface StoredEvent {
  readonly streamId: string;
  readonly message: JSONRPCMessage;
  readonly bytes: number;
}

/** An event as it is kept outside of the process. */
export interface KeptEvent {
  readonly eventId: number;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
}

/**
 * The last messages of one session, so that a client whose connection broke can read on where it was (`Last-Event-ID`).
 *
 * Bounded by number and by bytes; the oldest go first. An id that is still stored therefore has everything after it,
 * and one that is gone is refused. A client that missed something is told so, rather than waiting for a message that it
 * will never see.
 */
export class BoundedEventStore implements EventStore {
  private readonly events = new Map<string, StoredEvent>();
  private readonly limits: EventStoreLimits;
  private bytes = 0;
  /** The id of the newest event. */
  public last = 0;

  public constructor(limits: EventStoreLimits) {
    this.limits = limits;
  }

  public storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    return Promise.resolve(this.put({ eventId: this.last + 1, streamId, message }));
  }

  /** Takes an event that has an id, which is above those of all others. */
  public put({ eventId: last, streamId, message }: KeptEvent): string {
    this.last = last;
    const eventId = String(last);
    const bytes = JSON.stringify(message).length;
    this.events.set(eventId, { streamId, message, bytes });
    this.bytes += bytes;
    this.evict();
    return eventId;
  }

  public getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return Promise.resolve(this.events.get(eventId)?.streamId);
  }

  public async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const last = this.events.get(lastEventId);
    if (!last) {
      throw new RangeError(`no event ${lastEventId} is stored`);
    }
    for (const [eventId, { streamId, message }] of [...this.events]) {
      const isPriming = !('jsonrpc' in message);
      if (Number(eventId) > Number(lastEventId) && streamId === last.streamId && !isPriming) {
        await send(eventId, message);
      }
    }
    return last.streamId;
  }

  /** What is stored now, the oldest first. */
  public all(): KeptEvent[] {
    return [...this.events].map(([eventId, { streamId, message }]) => ({
      eventId: Number(eventId),
      streamId,
      message,
    }));
  }

  private evict(): void {
    for (const [eventId, { bytes }] of this.events) {
      const fits = this.events.size <= this.limits.maxEvents && this.bytes <= this.limits.maxBytes;
      if (fits || this.events.size === 1) {
        return;
      }
      this.events.delete(eventId);
      this.bytes -= bytes;
    }
  }
}
