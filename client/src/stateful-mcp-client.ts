import {
  LOG_LEVEL_META_KEY,
  type CallToolResult,
  type Client,
  type GetPromptResult,
  type Implementation,
  type Progress,
  type Prompt,
  type ReadResourceResult,
  type Resource,
  type ServerCapabilities,
  type Tool,
} from '@modelcontextprotocol/client';
import { requiredPages, toClientError } from './conversation/error-translation';
import { StatefulMcpClientError } from './common/errors';
import { visit, type Handlers } from './conversation/handlers';
import { onlyReceived } from './incoming/progress';
import type { SessionRestartingTransport } from './session/session-restart';
import { END_SESSION_TIMEOUT_MS } from './transport';

/** Options of one request. */
export interface RequestOptions {
  /**
   * Cancels the request: the server is told, and the request rejects with `ERR_CANCELLED`.
   *
   * @default - it ends with its answer, its timeout or the client
   */
  readonly signal?: AbortSignal;
}

/** Options of one tool call. */
export interface CallToolOptions extends RequestOptions {
  /** Gets the progress notifications of this call, in order. The handler given to `connect()` gets them too. */
  readonly onProgress?: (progress: Progress) => void;
}

/** A connection to a server. Made by `connect()`. Every method rejects with `StatefulMcpClientError`. */
export class StatefulMcpClient {
  private closing?: Promise<void>;

  /** @internal */
  public constructor(
    /** The SDK client underneath, for what this class does not offer. Its requests survive the end of a session too. */
    public readonly mcp: Client,
    private readonly transport: SessionRestartingTransport,
    private readonly settings: { readonly url: URL; readonly callTimeoutMs: number; readonly handlers: Handlers },
  ) {}

  /** The session, changed by a restart; `undefined` for a server without sessions and in the modern era. */
  public get sessionId(): string | undefined {
    return this.transport.sessionId;
  }

  /** Where its requests go. */
  public get url(): URL {
    return this.settings.url;
  }

  /** The era of the negotiated protocol version. */
  public get era(): 'legacy' | 'modern' {
    return this.mcp.getProtocolEra() ?? 'legacy';
  }

  /** The negotiated protocol version, for example `2025-11-25`. */
  public get protocolVersion(): string {
    return this.mcp.getNegotiatedProtocolVersion() ?? '';
  }

  /** Name and version of the server; a modern server may keep them to itself. */
  public get serverInfo(): Implementation | undefined {
    return this.mcp.getServerVersion();
  }

  /** What the server offers. */
  public get serverCapabilities(): ServerCapabilities {
    return this.mcp.getServerCapabilities() ?? {};
  }

  /**
   * Calls a tool. A tool that fails resolves with `isError: true`: that is an answer for a model, not an error of the
   * call.
   */
  public callTool(
    name: string,
    args: Record<string, unknown> = {},
    { onProgress, signal }: CallToolOptions = {},
  ): Promise<CallToolResult> {
    const { handlers, callTimeoutMs } = this.settings;
    const failed = new AbortController();
    const ended = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const report = (progress: Progress): void => {
      try {
        handlers.progress?.({ tool: name, ...progress });
        onProgress?.(progress);
      } catch (cause) {
        failed.abort(progressHandlerFailed(cause));
      }
    };
    const logs =
      handlers.log !== undefined && this.era === 'modern' ? { _meta: { [LOG_LEVEL_META_KEY]: 'debug' } } : {};
    return this.request(
      () =>
        this.mcp.callTool(
          { name, arguments: args, ...logs },
          {
            signal: ended,
            timeout: callTimeoutMs,
            resetTimeoutOnProgress: true,
            onprogress: onlyReceived(report),
          },
        ),
      ended,
    );
  }

  /** All tools, every page. Empty when the server has none. */
  public listTools({ signal }: RequestOptions = {}): Promise<Tool[]> {
    return this.request(
      async () =>
        this.serverCapabilities.tools ? (await this.mcp.listTools(undefined, this.options(signal))).tools : [],
      signal,
    );
  }

  /** All resources, every page. Empty when the server has none. */
  public listResources({ signal }: RequestOptions = {}): Promise<Resource[]> {
    return this.request(
      async () =>
        this.serverCapabilities.resources
          ? (await this.mcp.listResources(undefined, this.options(signal))).resources
          : [],
      signal,
    );
  }

  /** The contents of a resource. */
  public readResource(uri: string, { signal }: RequestOptions = {}): Promise<ReadResourceResult> {
    return this.request(() => this.mcp.readResource({ uri }, this.options(signal)), signal);
  }

  /** All prompts, every page. Empty when the server has none. */
  public listPrompts({ signal }: RequestOptions = {}): Promise<Prompt[]> {
    return this.request(
      async () =>
        this.serverCapabilities.prompts ? (await this.mcp.listPrompts(undefined, this.options(signal))).prompts : [],
      signal,
    );
  }

  /** A prompt with its arguments filled in. */
  public getPrompt(
    name: string,
    args: Record<string, string> = {},
    { signal }: RequestOptions = {},
  ): Promise<GetPromptResult> {
    return this.request(() => this.mcp.getPrompt({ name, arguments: args }, this.options(signal)), signal);
  }

  /**
   * Whether the server answers: resolves, or rejects. The modern era has no ping, there the server is asked to
   * introduce itself again.
   */
  public ping(): Promise<void> {
    return this.request(async () => {
      await (this.era === 'modern' ? this.mcp.discover(this.options()) : this.mcp.ping(this.options()));
    });
  }

  /**
   * Ends the session and the connection. On AgentCore the session is stopped (`StopRuntimeSession`), so that nobody pays
   * for its idle time; another server is asked by DELETE to end it. That takes at most two seconds; a server that cannot
   * is left alone. A session that is kept (`sessions`) stays. Calls still under way reject with `ERR_CLOSED`. Never
   * rejects.
   */
  public close(): Promise<void> {
    this.closing ??= (async () => {
      await this.transport.leaveSession(END_SESSION_TIMEOUT_MS);
      await this.mcp.close();
    })();
    return this.closing;
  }

  /** The same as `close()`, but a session that is kept ends, too. */
  public async endSession(): Promise<void> {
    if (this.closing === undefined) {
      await this.transport.endSession(END_SESSION_TIMEOUT_MS);
    }
    return this.close();
  }

  /** The same as `close()`, at the end of a block with `await using`. */
  public [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private options(signal?: AbortSignal): { timeout: number; signal?: AbortSignal } {
    return { timeout: this.settings.callTimeoutMs, ...(signal && { signal }) };
  }

  private async request<T>(send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      if (this.closing) {
        throw new StatefulMcpClientError('ERR_CLOSED', 'the client is closed: call `connect()` for a new one');
      }
      return await send();
    } catch (error) {
      if (this.closing) {
        throw new StatefulMcpClientError('ERR_CLOSED', 'the client is closed: call `connect()` for a new one', {
          cause: error,
        });
      }
      const translated = toClientError(error, { url: this.settings.url, signal });
      if (translated.code === 'ERR_URL_ELICITATION_REQUIRED') {
        await this.showPages(translated, signal ?? new AbortController().signal);
      }
      throw translated;
    }
  }

  /** Shows the user what the server wants them to visit before it does what it was asked for. */
  private async showPages({ data }: StatefulMcpClientError, signal: AbortSignal): Promise<void> {
    const { urlElicitation } = this.settings.handlers;
    if (urlElicitation) {
      for (const page of requiredPages(data)) {
        await visit(page, { signal }, urlElicitation);
      }
    }
  }
}

function progressHandlerFailed(cause: unknown): StatefulMcpClientError {
  return new StatefulMcpClientError(
    'ERR_PROGRESS_HANDLER',
    `the progress handler failed, and the call was cancelled: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
}
