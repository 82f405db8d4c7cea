import type {
  CallToolResult,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  HandlerContext,
  LoggingMessageNotificationParams,
  Tool,
  ToolProgress,
} from 'stateful-mcp-client';
import type { FlatSchema } from './form-fields';
import type { Sampler } from '../sampling/sampler';
import type { Summary } from './summary';

/**
 * What a user sees of a conversation with a server, and answers in it. With a terminal they are asked; without one
 * answers are found.
 */
export interface Conversation {
  begin(title: string): void;
  /** Shows that something takes time, and what came of it. */
  working<T>(
    what: { readonly label: string; readonly doing: string },
    work: Promise<T>,
    done: (result: T) => string,
  ): Promise<T>;
  inform(label: string, text: string): void;
  warn(text: string): void;
  /** The name of one of several, or `undefined` when the user wants none. Rejects when there is no user to ask. */
  choose(
    what: 'tool' | 'runtime',
    choices: readonly { readonly name: string; readonly description?: string }[],
  ): Promise<string | undefined>;
  /** Arguments for a tool that requires some. */
  toolArguments(tool: Tool, schema: FlatSchema): Promise<Record<string, unknown> | undefined>;
  callBegins(tool: string, args: Record<string, unknown>): void;
  /** Without a result where that is shown elsewhere. */
  callEnds(tool: string, result?: CallToolResult): void;
  callFails(tool: string, error: Error): void;
  elicitation(request: ElicitRequestFormParams, context: HandlerContext): Promise<ElicitResult>;
  urlElicitation(request: ElicitRequestURLParams, context: HandlerContext): Promise<ElicitResult>;
  sampling(
    request: CreateMessageRequestParams,
    sampler: Sampler,
    context: HandlerContext,
  ): Promise<CreateMessageResult>;
  progress(progress: ToolProgress): void;
  serverLog(entry: LoggingMessageNotificationParams): void;
  summary(summary: Summary): void;
  end(text: string): void;
  /** Leaves the terminal as it was found. */
  dispose(): void;
}
