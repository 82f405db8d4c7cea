import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { type createTransport, StatefulMcpClientError, type StatefulTransport } from 'stateful-mcp-client';
import { clientErrorText } from '../common/client-error-text';
import { HostMessages } from './host-messages';

type Message = Parameters<StatefulTransport['send']>[0];
type Request = Extract<Message, { method: string; id: unknown }>;

/** Larger than the largest payload that AgentCore takes (100 MB), in bytes. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

/** What is kept for a host that does not read, before the newest message. */
const MAX_UNREAD_BYTES = MAX_MESSAGE_BYTES;

const INTERNAL_ERROR = -32603;

/** In the `_meta` of each request of the modern era, which has no handshake. */
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

export interface BridgeOptions {
  /** Opens the way to the server. */
  readonly open: () => ReturnType<typeof createTransport>;
  /** Puts an error into the words of this command. */
  readonly explain: (error: unknown) => unknown;
  /** Says what is no part of the protocol. */
  readonly say: (text: string) => void;
}

/**
 * Carries messages between an MCP host at standard input and output and a server, as they are. It answers by itself
 * only what cannot be delivered.
 */
export class Bridge {
  private readonly messages = new HostMessages({
    maxBytes: MAX_MESSAGE_BYTES,
    refuse: answer => this.toHost(answer as Message),
    say: text => this.options.say(text),
  });
  private readonly host = new StdioServerTransport(process.stdin.pipe(this.messages), process.stdout, {
    maxBufferSize: MAX_MESSAGE_BYTES,
  });
  private opening?: Promise<StatefulTransport>;
  private opened?: StatefulTransport;
  /** Requests of the host without an answer, and what gives up those of the modern era. */
  private readonly unanswered = new Map<unknown, { readonly request: Request; readonly over: AbortController }>();
  /** What the host says without asking stays in order, and before what it asks later. */
  private said: Promise<void> = Promise.resolve();

  /** Whether the host could not be reached once, after which it cannot be at all. */
  private unheard = false;
  private gaveUp = false;

  public constructor(private readonly options: BridgeOptions) {
    // Each message that the host has not read yet listens; they are as many as the calls under way.
    process.stdout.setMaxListeners(0);
  }

  /** Whether the way to the server is being opened, as when somebody signs in. */
  public get isOpening(): boolean {
    return this.opening !== undefined && this.opened === undefined;
  }

  /** Whether the host has left so much unread that it is told nothing more. */
  public get hasGivenUp(): boolean {
    return this.gaveUp;
  }

  /** Lasts until the host has closed standard input or reads nothing, or the signal is aborted. */
  public async run(signal: AbortSignal): Promise<void> {
    const closed = new Promise<void>(resolve => {
      this.host.onclose = resolve;
    });
    this.host.onerror = error => this.options.say(error.message);
    this.host.onmessage = message => this.fromHost(message);
    signal.addEventListener('abort', () => void this.host.close(), { once: true });
    await this.host.start();
    await closed;
    process.stdin.unpipe(this.messages).pause();
    for (const { over } of this.unanswered.values()) {
      over.abort();
    }
    await this.opened?.close();
  }

  private fromHost(message: Message): void {
    if (isRequest(message)) {
      void this.ask(message);
    } else if ('method' in message) {
      this.said = this.said.then(() => this.tell(message));
    } else {
      this.transport()
        .then(transport => transport.send(message))
        .catch((error: unknown) => this.options.say(this.explained(error).message));
    }
  }

  private async ask(request: Request): Promise<void> {
    const over = new AbortController();
    this.unanswered.set(request.id, { request, over });
    await this.said;
    try {
      const transport = await this.transport();
      await transport.send(request, { requestSignal: over.signal });
    } catch (error) {
      if (this.unanswered.delete(request.id)) {
        this.toHost(undelivered(request, this.explained(error)));
      }
      if (request.method === 'initialize') {
        // The next attempt begins anew: somebody may have signed in meanwhile.
        await this.forget();
      }
    }
  }

  private async tell(message: Exclude<Message, Request>): Promise<void> {
    const cancelled =
      'method' in message && message.method === 'notifications/cancelled'
        ? this.unanswered.get(message.params?.requestId)
        : undefined;
    if (cancelled !== undefined) {
      this.unanswered.delete(cancelled.request.id);
      if (isModern(cancelled.request)) {
        // By HTTP, the modern era cancels by ending the stream.
        cancelled.over.abort();
        return;
      }
    }
    try {
      await (await this.transport()).send(message);
    } catch (error) {
      this.options.say(this.explained(error).message);
    }
  }

  private fromServer(message: Message): void {
    if (!('method' in message)) {
      const asked = this.unanswered.get(message.id)?.request;
      this.unanswered.delete(message.id);
      if (asked?.method === 'initialize' && 'result' in message) {
        this.opened?.setProtocolVersion?.(String(message.result.protocolVersion));
      }
    }
    this.toHost(message);
  }

  private toHost(message: Message): void {
    const unread = process.stdout.writableLength;
    if (unread > MAX_UNREAD_BYTES && !this.gaveUp) {
      this.gaveUp = true;
      this.options.say(`the host does not read what the server sends, and has left ${unread} bytes: this is the end`);
      void this.host.close();
    }
    if (this.gaveUp) {
      return;
    }
    this.host.send(message).catch((error: Error) => {
      if (!this.unheard) {
        this.unheard = true;
        this.options.say(error.message);
      }
    });
  }

  private transport(): Promise<StatefulTransport> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<StatefulTransport> {
    const transport = await this.options.open();
    transport.onmessage = message => this.fromServer(message);
    transport.onerror = error => this.options.say(this.explained(error).message);
    await transport.start();
    this.opened = transport;
    return transport;
  }

  private async forget(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    this.opening = undefined;
    await opened?.close();
  }

  private explained(error: unknown): Error {
    const known = this.opened?.explain(error) ?? error;
    const explained = this.options.explain(known);
    return explained instanceof Error ? explained : new Error(String(explained));
  }
}

function isRequest(message: Message): message is Request {
  return 'method' in message && 'id' in message;
}

function isModern({ params }: Request): boolean {
  return params?._meta?.[VERSION_KEY] !== undefined;
}

/**
 * The answer to a request that got none. Of a tool call, it is a result, which models read; what the server or AgentCore
 * itself has refused stays the error that it was.
 */
function undelivered(request: Request, error: Error): Message {
  const { id, method } = request;
  const text = clientErrorText(error);
  const { code, jsonRpcCode, data } = error instanceof StatefulMcpClientError ? error : ({} as StatefulMcpClientError);
  if (method === 'tools/call' && jsonRpcCode === undefined) {
    const result = { content: [{ type: 'text', text }], isError: true };
    return { jsonrpc: '2.0', id, result: isModern(request) ? { ...result, resultType: 'complete' } : result };
  }
  const details = data ?? (code === undefined ? undefined : { code });
  return {
    jsonrpc: '2.0',
    id,
    error: { code: jsonRpcCode ?? INTERNAL_ERROR, message: text, ...(details !== undefined && { data: details }) },
  };
}
