import type { CallToolResult, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/server';
import type { OwnConversation } from './own-conversation';

/** A session with this server, of a client that declares nothing: it answers no question and lends no model. */
export interface SelfTestSession {
  /**
   * Calls a tool. An error of the tool is a result, too: look at `isError`.
   * @throws when the server refuses the call
   */
  callTool(name: string, args?: Readonly<Record<string, unknown>>): Promise<CallToolResult>;
  /** @throws when the server refuses it */
  getPrompt(name: string, args?: Readonly<Record<string, string>>): Promise<GetPromptResult>;
  /** @throws when the server refuses it */
  readResource(uri: string): Promise<ReadResourceResult>;
}

/** What an author wants to hold of a new version; it throws, or rejects, when it does not. */
export type SelfTest = (session: SelfTestSession) => void | Promise<void>;

export interface SelfTestOptions {
  /**
   * Runs in the warm-up of a new version (`POST /warmup`), after the conversation that the kit holds by itself. What it
   * throws fails the version, with its message. On platform version V2 it runs before the snapshot that sessions start
   * from: what it leaves in memory (a connection, a credential, a time, a random value) is in all of them.
   * @default - nothing more than that conversation
   */
  readonly selfTest?: SelfTest;
}

export function selfTestSession(conversation: OwnConversation): SelfTestSession {
  const request = async <Result>(method: string, params: Record<string, unknown>): Promise<Result> =>
    (await conversation.request(method, params)) as Result;
  return {
    callTool: (name, args = {}) => request('tools/call', { name, arguments: args }),
    getPrompt: (name, args = {}) => request('prompts/get', { name, arguments: args }),
    readResource: uri => request('resources/read', { uri }),
  };
}
