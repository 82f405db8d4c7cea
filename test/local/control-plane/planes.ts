import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvokeAgentRuntimeCommand, type BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import {
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  type BedrockAgentCoreControlClient,
  type CreateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { type LocalRuntimeOptions } from 'stateful-mcp-local';
import { newFolder } from '../assembly';
import { controlClient, dataClient } from '../aws-clients';
import { newRuntime } from '../running';

/** A role that the local runtime never assumes. */
export const roleArn = 'arn:aws:iam::123456789012:role/server';
const SERVER = `
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const { id, method } = JSON.parse(body);
      const headers = method === 'initialize' ? { 'mcp-session-id': require('node:crypto').randomUUID() } : {};
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ jsonrpc: '2.0', id, result: { release: process.env.RELEASE } }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`;

/** An artifact whose server returns its environment variable `RELEASE`. */
export function artifact(folder = newFolder(), code = SERVER): CreateAgentRuntimeCommandInput['agentRuntimeArtifact'] {
  writeFileSync(path.join(folder, 'index.js'), code);
  return {
    codeConfiguration: {
      code: { s3: { bucket: 'local', prefix: folder } },
      runtime: 'NODE_22',
      entryPoint: ['index.js'],
    },
  };
}

interface Planes {
  readonly control: BedrockAgentCoreControlClient;
  readonly data: BedrockAgentCoreClient;
  readonly runtime: ReturnType<typeof newRuntime>;
}

/** A local runtime with nothing in it, and clients of both planes. */
export async function startPlanes(options?: Partial<LocalRuntimeOptions>): Promise<Planes> {
  const runtime = newRuntime({ artifacts: {}, ...options });
  const { url } = await runtime.listen();
  return { runtime, control: controlClient(url), data: dataClient(url) };
}

/** What creates a runtime that gets ready, with these changes. */
export const createInput = (more: Partial<CreateAgentRuntimeCommandInput> = {}): CreateAgentRuntimeCommandInput => ({
  agentRuntimeName: 'expenses',
  agentRuntimeArtifact: artifact(),
  roleArn,
  protocolConfiguration: { serverProtocol: 'MCP' },
  environmentVariables: { RELEASE: 'one' },
  ...more,
});

/** The runtime once it is no longer created or updated. */
export async function settled(
  control: BedrockAgentCoreControlClient,
  agentRuntimeId: string | undefined,
): Promise<{ status?: string; failureReason?: string }> {
  for (;;) {
    const answer = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    if (!answer.status?.endsWith('ING')) {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** The endpoint once it is ready. */
export async function endpointReady(
  control: BedrockAgentCoreControlClient,
  agentRuntimeId: string | undefined,
  endpointName: string,
): Promise<object> {
  for (;;) {
    const answer = await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));
    if (answer.status === 'READY') {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

interface More {
  readonly mcpSessionId?: string;
  readonly qualifier?: string;
}

/** Sends one MCP request. */
export async function invoke(
  data: BedrockAgentCoreClient,
  agentRuntimeArn: string | undefined,
  method: string,
  more: More = {},
): Promise<{ mcpSessionId?: string; release?: string }> {
  const payload = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
  const answer = await data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload, ...more }));
  const { result } = JSON.parse((await answer.response?.transformToString()) ?? '') as { result?: { release: string } };
  return { mcpSessionId: answer.mcpSessionId, release: result?.release };
}
