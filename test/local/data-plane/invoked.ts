import {
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
  type InvokeAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import type { LocalRuntimeOptions } from 'stateful-mcp-local';
import { dataClient } from '../aws-clients';
import { startRuntime, type Described, type JsonRpc, type Started } from '../running';

/** A call of a tool. */
export const message = (name: string, args: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } });
/** A request that opens a session. */
export const INITIALIZE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });

interface Invoked {
  readonly started: Started;
  readonly arn: string;
  readonly invoke: (
    input?: Partial<InvokeAgentRuntimeCommandInput>,
  ) => Promise<{ mcpSessionId?: string; runtimeSessionId?: string; body: JsonRpc<Described> }>;
  readonly stop: (runtimeSessionId: string) => Promise<number | undefined>;
}

/** A local runtime that the AWS SDK invokes. */
export async function startInvoked(options: Partial<LocalRuntimeOptions> = {}): Promise<Invoked> {
  const started = await startRuntime(options);
  const client = dataClient(started.url);
  const arn = started.runtime.runtimes[0]?.arn ?? '';
  return {
    started,
    arn,
    async invoke(input = {}) {
      const answer = await client.send(
        new InvokeAgentRuntimeCommand({
          agentRuntimeArn: arn,
          contentType: 'application/json',
          accept: 'application/json, text/event-stream',
          payload: Buffer.from(message('describe')),
          ...input,
        }),
      );
      const text = (await answer.response?.transformToString()) ?? '';
      return {
        mcpSessionId: answer.mcpSessionId,
        runtimeSessionId: answer.runtimeSessionId,
        body: JSON.parse(text) as JsonRpc<Described>,
      };
    },
    async stop(runtimeSessionId) {
      return (await client.send(new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId }))).statusCode;
    },
  };
}
