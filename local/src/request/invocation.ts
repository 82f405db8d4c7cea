import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ANYBODY, type Caller } from '../auth/caller';
import { respondException, jsonRpcException, type ErrorDialect } from '../platform/error-encoding';
import type { Exchange } from '../http/exchange';
import { PlatformException, internalError } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import { type TimeLimits, respondTimeOver } from './time-limits';

/** What is to happen to one request on purpose. */
export interface InvocationFault {
  /** Milliseconds to hold it back. */
  readonly delayMs?: number;
  /** The connection breaks after the first bytes of the response. */
  readonly dropStream?: boolean;
}

/** The session ids of a response. */
export interface ResponseIds {
  readonly mcpSessionId: string | undefined;
  readonly runtimeSessionId: string;
  /** Where ports of the session are reached. */
  readonly sessionEndpointUrl?: string | undefined;
}

/** The session that a request has reached. */
export interface ReachedSession {
  /** What the client is told of it with an error. */
  idsOf(invocation: Invocation): ResponseIds;
}

/** A body that does not come must not hold back its error; the error then carries no id. */
const MESSAGE_ID_WAIT_MS = 2000;

/** A request to a runtime on its way through the data plane. */
export class Invocation {
  /** The platform's id of the request, which the server gets too. */
  public readonly requestId = randomUUID();
  /** Who sent it, once that was checked. */
  public caller: Caller = ANYBODY;
  public fault: InvocationFault = {};
  /** The one it has reached, and may know of. */
  public session: ReachedSession | undefined;
  /** The `Mcp-Session-Id` that the platform issues for it. */
  public issuedId: string | undefined;
  /** Session that answered it, once known. */
  public sessionId: string | undefined;
  /** Status of the response, once it has begun. */
  public status: number | undefined;
  /** The exception it failed with. */
  public failure: PlatformException | undefined;

  public constructor(
    public readonly exchange: Exchange,
    public readonly dialect: ErrorDialect,
    private readonly settings: PlatformSettings,
    public readonly timeLimits: TimeLimits,
  ) {
    timeLimits.tell(exception => {
      this.timeOver(exception);
    });
  }

  /** Answers with an error, with the id of the message where the protocol has one. */
  public async fail(error: unknown): Promise<void> {
    const exception = exceptionOf(error);
    this.failure ??= exception;
    if (this.dialect === 'mcp') {
      await Promise.race([this.exchange.body.readBeginning(), delay(MESSAGE_ID_WAIT_MS, undefined, { ref: false })]);
    }
    this.status ??= respondException(this.exchange, this.withIds(exception), this.dialect, this.settings.errorTexts);
  }

  /** Answers with an error although its message may not have come. */
  public timeOver(exception: PlatformException): void {
    this.failure ??= exception;
    this.status ??= respondTimeOver(this.exchange, this.withIds(exception), this.dialect, this.settings.errorTexts);
  }

  /** The error as an event of MCP in a stream that has begun; undefined where there is no request that it answers. */
  public failureEvent(exception: PlatformException): string | undefined {
    this.failure ??= exception;
    if (this.exchange.method !== 'POST') {
      return undefined;
    }
    return `event: message\ndata: ${jsonRpcException(exception, this.settings.errorTexts, this.exchange.body.messageId())}\n\n`;
  }

  private withIds(exception: PlatformException): PlatformException {
    if (!this.session) {
      return exception;
    }
    const { mcpSessionId, runtimeSessionId } = this.session.idsOf(this);
    const headers = [
      'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id',
      runtimeSessionId,
      ...(mcpSessionId === undefined ? [] : ['Mcp-Session-Id', mcpSessionId]),
    ];
    return new PlatformException(exception.name, exception.message, {
      ...exception.details,
      headers: [...(exception.details.headers ?? []), ...headers],
    });
  }
}

export function exceptionOf(error: unknown): PlatformException {
  return error instanceof PlatformException
    ? error
    : internalError(error instanceof Error ? error.message : String(error));
}
