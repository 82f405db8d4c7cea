import { AsyncLocalStorage } from 'node:async_hooks';
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type EventStore,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server';
import { JsonRpcCode } from '../common/json-rpc';
import type { Log } from '../common/log';
import { BoundedEventStore, type KeptEvent } from './event-store';
import type { SessionFile } from './session-file';

/** What a session keeps so that a client can read on after a broken connection. */
const EVENT_STORE_LIMITS = { maxEvents: 256, maxBytes: 1024 * 1024 };

/** How long a file grows before what nobody can ask for any more is left out of it. */
const LARGEST_JOURNAL = 8 * 1024 * 1024;

/** What began a session. */
export interface SessionStart {
  readonly principal: string;
  /** The `initialize` request. */
  readonly initialize: unknown;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

type Entry =
  | { readonly start: SessionStart }
  | { readonly isInitialized: true }
  | { readonly restored: number }
  | { readonly calls: readonly RequestId[]; readonly streamId: string }
  | { readonly event: KeptEvent };

/** What the calls are that a request brought, for the events that come of them. */
const callsOfRequest = new AsyncLocalStorage<readonly RequestId[]>();

/** Runs what handles a request, so that the streams of its calls are known. */
export function duringCalls<Result>(ids: readonly RequestId[], handle: () => Promise<Result>): Promise<Result> {
  return callsOfRequest.run(ids, handle);
}

/**
 * The stored events of a session, and with a file what a session needs to go on in another process: how it began, and
 * which calls are open on which stream. Each entry is written before the client gets to see the event.
 */
export class KeptSession implements EventStore {
  /** How many times it went on in another process. */
  public generation = 0;
  public isInitialized = false;

  private readonly events = new BoundedEventStore(EVENT_STORE_LIMITS);
  private readonly openCalls = new Map<string, Set<RequestId>>();
  private file: SessionFile | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isReplaying = false;

  /** A session of which nothing is written. */
  public static unkept(): KeptSession {
    return new KeptSession(undefined, undefined, () => undefined);
  }

  /**
   * The session that a file has.
   * @throws Error when the file does not begin as one, or is damaged
   */
  public static async restored(file: SessionFile, log: Log): Promise<KeptSession | undefined> {
    const entries = await file.read();
    if (entries === undefined) {
      return undefined;
    }
    const [first, ...others] = entries as Entry[];
    if (first === undefined || !('start' in first)) {
      throw new RangeError('it does not begin with the start of a session');
    }
    const session = new KeptSession(first.start, file, log);
    others.forEach(entry => session.take(entry));
    session.generation += 1;
    return session;
  }

  public constructor(
    public readonly start: SessionStart | undefined,
    file: SessionFile | undefined,
    private readonly log: Log,
  ) {
    this.file = file;
  }

  public async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    if (this.isReplaying) {
      return '0';
    }
    const ids = callsOfRequest.getStore() ?? [];
    // Messages of no call, on the stream that a client opens with GET, are of the SDK's own stream id.
    if (ids.length > 0 && !streamId.startsWith('_') && !this.openCalls.has(streamId)) {
      await this.append(() => ({ calls: ids, streamId }));
    }
    let eventId = 0;
    await this.append(() => {
      eventId = this.events.last + 1;
      return { event: { eventId, streamId, message } };
    });
    return String(eventId);
  }

  public getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return this.events.getStreamIdForEventId(eventId);
  }

  public replayEventsAfter(
    lastEventId: string,
    sender: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    return this.events.replayEventsAfter(lastEventId, sender);
  }

  /** Writes what is known: at its start, and when it goes on in this process. */
  public async save(): Promise<void> {
    await this.inTurn(() => file => file.write(this.entries()));
  }

  public async initialized(): Promise<void> {
    if (!this.isInitialized && !this.isReplaying) {
      await this.append(() => ({ isInitialized: true }));
    }
  }

  /** What is repeated for the SDK only has been sent already. */
  public async replaying(repeat: () => Promise<void>): Promise<void> {
    this.isReplaying = true;
    try {
      await repeat();
    } finally {
      this.isReplaying = false;
    }
  }

  /** The calls that another process was working on will get no answer: their clients are told. */
  public async endLostCalls(): Promise<number> {
    const lost = [...this.openCalls].flatMap(([streamId, ids]) => [...ids].map(id => ({ streamId, id })));
    for (const { streamId, id } of lost) {
      await this.storeEvent(streamId, {
        jsonrpc: '2.0',
        id,
        error: {
          code: JsonRpcCode.serverError,
          message: 'the process that worked on this call has ended, and the session goes on in another one: call again',
        },
      });
    }
    return lost.length;
  }

  /** It has ended for good. */
  public async remove(): Promise<void> {
    await this.inTurn(() => file => file.remove());
    this.file = undefined;
  }

  private entries(): Entry[] {
    return [
      ...(this.start === undefined ? [] : [{ start: this.start }]),
      ...(this.isInitialized ? [{ isInitialized: true } as const] : []),
      { restored: this.generation },
      ...[...this.openCalls].map(([streamId, ids]) => ({ calls: [...ids], streamId })),
      ...this.events.all().map(event => ({ event })),
    ];
  }

  private async append(entryNow: () => Entry): Promise<void> {
    await this.inTurn(() => {
      const entry = entryNow();
      this.take(entry);
      return file => (file.bytes > LARGEST_JOURNAL ? file.write(this.entries()) : file.append(entry));
    });
  }

  private take(entry: Entry): void {
    if ('isInitialized' in entry) {
      this.isInitialized = true;
    } else if ('restored' in entry) {
      this.generation = entry.restored;
    } else if ('calls' in entry) {
      this.openCalls.set(entry.streamId, new Set(entry.calls));
    } else if ('event' in entry) {
      this.events.put(entry.event);
      this.answered(entry.event);
    }
  }

  private answered({ streamId, message }: KeptEvent): void {
    const open = this.openCalls.get(streamId);
    if (open && (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message))) {
      open.delete(message.id as RequestId);
    }
    if (open?.size === 0) {
      this.openCalls.delete(streamId);
    }
  }

  /**
   * One step after the other. A write that fails costs what is kept, and not the session; a step that fails, such as that
   * of a message which JSON cannot hold, costs itself alone.
   */
  private async inTurn(step: () => (file: SessionFile) => Promise<void>): Promise<void> {
    const done = this.writing.then(async () => {
      const write = step();
      const { file } = this;
      if (file === undefined) {
        return;
      }
      try {
        await write(file);
      } catch (error) {
        this.file = undefined;
        this.log({ level: 'error', event: 'session-not-kept', message: String(error) });
        await file.remove().catch(() => undefined);
      }
    });
    this.writing = done.catch(() => undefined);
    await done;
  }
}
