import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCResponse,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { ServerKitErrorCode } from '../common/errors';
import { JsonRpcCode } from '../common/json-rpc';
import type { Leave } from '../http/admission';
import type { Log } from '../common/log';
import type { SessionPeer } from '../session/session-peer';
import type { SessionTransport } from '../session/session-transport';
import { readChildLine } from './child-message';
import { StdioChild, type StdioCommand } from './stdio-child';

/** What belongs to a call when it is being served: everything else goes to whoever listens to the session. */
const NOTIFICATIONS_OF_CALLS = new Set([
  'notifications/progress',
  'notifications/message',
  'notifications/elicitation/complete',
]);

const ENDED: ServerKitErrorCode = 'ERR_STDIO_SERVER_ENDED';

/**
 * One session of a stdio server: a process of its own, and the way between it and the session's transport.
 *
 * A stdio server does not say which call a question belongs to. With one call open it is that one, with several the
 * newest of them: the client hears it on any of their streams. Progress goes to the call that its token belongs to.
 */
export class StdioSession implements SessionPeer {
  private readonly command: StdioCommand;
  private readonly log: Log;
  /** The processes that are there, this one among them while it is. */
  private readonly children: Set<StdioChild>;
  /** The calls that the process has not answered, with their progress tokens; the newest is the last one. */
  private readonly calls = new Map<RequestId, unknown>();
  private transport!: SessionTransport;
  private child!: StdioChild;
  /** How many readers of streams are behind. */
  private behind = 0;
  /** How the process ended, when it did. */
  private end: string | undefined;

  public constructor(command: StdioCommand, log: Log, children: Set<StdioChild>) {
    this.command = command;
    this.log = log;
    this.children = children;
  }

  public connect(transport: SessionTransport): Promise<void> {
    const { onmessage, onclose } = transport;
    this.transport = transport;
    transport.onmessage = (message, extra) => {
      onmessage?.(message, extra);
      this.fromClient(message);
    };
    transport.onclose = () => {
      onclose?.();
      void this.child.end();
    };
    this.child = new StdioChild(this.command, {
      output: line => this.fromServer(line),
      tooLong: maxBytes => this.note('error', 'child-output-too-long', { maxBytes }),
      errorOutput: line => this.note('info', 'child-output', { line }),
      ended: how => this.ended(how),
    });
    this.children.add(this.child);
    this.note('info', 'child-started', {});
    return Promise.resolve();
  }

  public clientCapabilities(): undefined {
    return undefined;
  }

  public protocolVersion(): undefined {
    return undefined;
  }

  public hasOutputSchema(): boolean {
    return false;
  }

  /** The process says that itself. */
  public invalidParams(): undefined {
    return undefined;
  }

  public admit(bytes: number, signal: AbortSignal): Promise<Leave> {
    return this.child.admit(bytes, signal);
  }

  /** All that the process says comes by one pipe: the slowest reader has it wait. */
  public readerIsBehind(isBehind: boolean): void {
    this.behind += isBehind ? 1 : -1;
    if (this.behind === 0) {
      this.child.resume();
    } else {
      this.child.pause();
    }
  }

  private fromClient(message: JSONRPCMessage): void {
    if (this.end !== undefined) {
      if (isJSONRPCRequest(message)) {
        this.refuse(message.id);
      }
      return;
    }
    if (isJSONRPCRequest(message)) {
      this.calls.set(message.id, message.params?._meta?.progressToken);
    } else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      this.calls.delete(message.params?.['requestId'] as RequestId);
    }
    this.child.send(JSON.stringify(message));
  }

  private fromServer(line: string): void {
    for (const read of readChildLine(line)) {
      if (read === 'invalid') {
        this.note('error', 'child-output-invalid', { length: line.length });
      } else if ('message' in read) {
        this.pass(read.message);
      } else if ('unreadableQuestion' in read) {
        this.note('error', 'child-output-invalid', { length: line.length });
        const error = { code: JsonRpcCode.invalidRequest, message: 'this is no request of JSON-RPC 2.0' };
        this.child.send(JSON.stringify({ jsonrpc: '2.0', id: read.unreadableQuestion, error }));
      } else {
        this.note('error', 'child-output-invalid', { length: line.length });
        const message =
          'the server process of this session answered with what is neither a result nor an error of JSON-RPC 2.0';
        this.answer({
          jsonrpc: '2.0',
          id: read.unreadableAnswer,
          error: { code: JsonRpcCode.internalError, message },
        });
      }
    }
  }

  private pass(message: JSONRPCMessage): void {
    if ('method' in message) {
      const call = this.callOf(message);
      this.send(message, call === undefined ? {} : { relatedRequestId: call });
    } else {
      this.answer(message);
    }
  }

  /** The answer to a call that the client has cancelled is of no use to anybody. */
  private answer(response: JSONRPCResponse): void {
    const id = this.answeredCall(response.id);
    if (id !== undefined && this.calls.delete(id)) {
      this.send({ ...response, id });
    }
  }

  /** Some servers answer with the text of a number, and without an id where they could not read the request. */
  private answeredCall(id: RequestId | undefined): RequestId | undefined {
    const ids = [...this.calls.keys()];
    if (id === undefined) {
      return ids.length === 1 ? ids[0] : undefined;
    }
    return this.calls.has(id) ? id : ids.find(known => String(known) === String(id));
  }

  private callOf(message: JSONRPCMessage): RequestId | undefined {
    if (!isJSONRPCRequest(message) && !(isJSONRPCNotification(message) && NOTIFICATIONS_OF_CALLS.has(message.method))) {
      return undefined;
    }
    const token =
      message.method === 'notifications/progress'
        ? (message.params as { progressToken?: unknown } | undefined)?.progressToken
        : undefined;
    const calls = [...this.calls];
    return (calls.find(([, known]) => token !== undefined && known === token) ?? calls.at(-1))?.[0];
  }

  private send(message: JSONRPCMessage, options: { relatedRequestId?: RequestId } = {}): void {
    // It fails when the session is over, and then nobody waits for the message.
    this.transport.send(message, options).catch(() => undefined);
  }

  private ended(how: string): void {
    this.end = how;
    this.children.delete(this.child);
    this.note('info', 'child-stopped', { reason: how });
    for (const id of this.calls.keys()) {
      this.refuse(id);
    }
    this.calls.clear();
    // After the errors are out.
    setImmediate(() => void this.transport.close());
  }

  private refuse(id: RequestId): void {
    const message = `the server process of this session ${this.end}: start a new session`;
    this.send({ jsonrpc: '2.0', id, error: { code: JsonRpcCode.serverError, message, data: { code: ENDED } } });
  }

  private note(level: 'info' | 'error', event: string, details: Record<string, string | number>): void {
    this.log({ level, event, sessionId: this.transport.sessionId, childPid: this.child.pid, ...details });
  }
}
