import { randomUUID } from 'node:crypto';
import type { RuntimeProtocol } from '../model/runtime-definition';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import type { PlatformSettings } from '../platform/platform-settings';
import type { ResponseIds, Invocation } from '../request/invocation';
import { isLegacy } from '../request/rpc-message';
import { RuntimeSessionIds } from '../request/runtime-session-ids';
import { servesMany, type SessionKind } from './session-usage';

/** What the ids of a session depend on, and who is told of them. */
export interface SessionIdsParts {
  readonly kind: SessionKind;
  readonly protocol: RuntimeProtocol;
  /** Whether the platform issues the `Mcp-Session-Id`. */
  readonly platformIssuesIds: boolean;
  readonly issuedIds: PlatformSettings['issuedIds'];
  /** Id that chose the session. */
  readonly chosenBy: string | undefined;
  /** Requests with this id belong to the session from now on. Returns whether they belonged to another one before. */
  readonly bind: (id: string) => boolean;
  /** Requests of a caller with this id, which the platform has made, belong to the session from now on. */
  readonly issue: (id: string, identity: string | undefined) => void;
  /** The session has another id from now on. */
  readonly renamed: (id: string) => void;
  /** Told what somebody has to know about the ids of its server. */
  readonly note: (line: string) => void;
}

/**
 * The ids of one session: the platform's own, the `Mcp-Session-Id` that the server or the platform issues, and those
 * that its requests carry.
 */
export class SessionIds {
  /** The platform's own id, which every server gets in `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`. */
  public readonly runtimeSessionId: string;
  private mcpSessionId: string | undefined;
  private readonly requestIds = new RuntimeSessionIds();
  private readonly servesMany: boolean;

  public constructor(private readonly parts: SessionIdsParts) {
    const { kind, chosenBy } = parts;
    this.runtimeSessionId = this.isHttp && chosenBy !== undefined ? chosenBy : randomUUID();
    this.servesMany = servesMany(kind);
  }

  /** The id that chooses the session. */
  public get sessionId(): string {
    return this.mcpSessionId ?? this.runtimeSessionId;
  }

  /** Whether a client knows an id by which it comes back. */
  public get areKnown(): boolean {
    return this.mcpSessionId !== undefined;
  }

  /** Binds the id that the session has from its start, if it has one. */
  public bindFirst(): void {
    const { chosenBy, kind, platformIssuesIds } = this.parts;
    if (chosenBy !== undefined) {
      this.adopt(chosenBy);
    } else if (kind === 'initialize' && platformIssuesIds) {
      this.adopt(this.runtimeSessionId);
    }
  }

  /** Whether its requests or its responses carry this runtime session id. */
  public hasRuntimeSessionId(id: string): boolean {
    return this.runtimeSessionId === id || this.requestIds.has(id);
  }

  /** Who sent the first request with this id. */
  public callerOf(id: string): string | undefined {
    return this.requestIds.callerOf(id);
  }

  /** A request has come, and its ids name the session from now on. */
  public remember(invocation: Invocation): void {
    this.requestIds.remember(this.runtimeSessionIdOf(invocation), invocation.caller.identity);
  }

  /** What the client of a request is told. */
  public of(invocation: Invocation): ResponseIds {
    const mcpSessionId = this.servesMany
      ? (invocation.exchange.headers[MCP_SESSION_ID] as string | undefined) || undefined
      : this.mcpSessionId;
    return {
      mcpSessionId: this.isHttp ? undefined : mcpSessionId,
      runtimeSessionId: this.runtimeSessionIdOf(invocation),
    };
  }

  /** Headers of ids that the server gets on top of the client's, names and values in turn. */
  public headersFor(invocation: Invocation): string[] {
    const { kind, platformIssuesIds, issuedIds } = this.parts;
    const { headers } = invocation.exchange;
    const added: string[] = [];
    if (!headers[RUNTIME_SESSION_ID]) {
      added.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', this.runtimeSessionId);
    }
    if (kind === 'initialize' && platformIssuesIds && !headers[MCP_SESSION_ID]) {
      added.push('Mcp-Session-Id', this.sessionId);
    }
    if (issuedIds === 'request-and-answer' && this.getsIssuedId(invocation)) {
      invocation.issuedId = randomUUID();
      added.push('Mcp-Session-Id', invocation.issuedId);
    }
    return added;
  }

  /**
   * The server has answered a request with success.
   *
   * @param serverSessionId - the `Mcp-Session-Id` of its response
   * @returns what the client is told
   */
  public responded(invocation: Invocation, serverSessionId: string | undefined): ResponseIds {
    if (this.servesMany || this.isHttp) {
      return this.getsIssuedId(invocation) ? this.issueId(invocation, serverSessionId) : this.of(invocation);
    }
    if (serverSessionId !== undefined && serverSessionId !== this.mcpSessionId) {
      this.takeServerId(serverSessionId);
    }
    // A server without sessions issues no id; the platform then issues one, so that the client comes back to this
    // process.
    if (this.mcpSessionId === undefined) {
      this.adopt(this.runtimeSessionId);
    }
    return this.of(invocation);
  }

  private get isHttp(): boolean {
    return this.parts.protocol === 'HTTP';
  }

  // Devguide, "MCP protocol contract": the platform makes an id for a server without sessions. Protocol 2026-07-28 has
  // none.
  private getsIssuedId({ exchange }: Invocation): boolean {
    return this.servesMany && exchange.method === 'POST' && !exchange.headers[MCP_SESSION_ID] && isLegacy(exchange);
  }

  private issueId(invocation: Invocation, serverSessionId: string | undefined): ResponseIds {
    const { identity } = invocation.caller;
    const mcpSessionId = invocation.issuedId ?? serverSessionId ?? randomUUID();
    if (this.parts.kind === 'shared') {
      this.parts.issue(mcpSessionId, identity);
    }
    this.requestIds.remember(mcpSessionId, identity);
    return { mcpSessionId, runtimeSessionId: this.runtimeSessionIdOf(invocation) };
  }

  private runtimeSessionIdOf({ exchange: { headers } }: Invocation): string {
    return (headers[RUNTIME_SESSION_ID] as string | undefined) || this.runtimeSessionId;
  }

  private takeServerId(id: string): void {
    // The platform's has been bound from the start.
    if (!this.parts.platformIssuesIds) {
      return this.adopt(id);
    }
    this.parts.note(
      `the server answered with the session id ${id} although the platform had given it ${this.sessionId}; its client gets the platform's`,
    );
  }

  private adopt(id: string): void {
    this.mcpSessionId = id;
    const isTaken = this.parts.bind(id);
    this.parts.renamed(id);
    if (isTaken) {
      this.parts.note(
        `the server gave the session id ${id} to a second session: requests with it now reach this process, those of the first one never again`,
      );
    }
  }
}
