import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { LocalRuntime } from 'stateful-mcp-local';
import { handler } from '../lambda/release-check';
import check from '../samples/expense-tracker/check.json';
import { AwsServices } from '../test/lambda/release-check/aws-services';
import { openExpenseTable } from '../test/samples/expense-table';
import { bundleServer } from './bundle-fixture';
import { compare } from './harness';

const ASSET = path.join(__dirname, '../assets/release-check');
const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local-secret' };
const SERVER = 's3://local/server.zip';

/** The function that checks a release: its size, its start, and what it takes beyond the conversations that it holds. */
export async function benchReleaseCheck(): Promise<void> {
  const bytes = readdirSync(ASSET).reduce((sum, file) => sum + statSync(path.join(ASSET, file)).size, 0);
  console.log(`\nThe asset of the release check has ${(bytes / 1e6).toFixed(2)} MB. Target: at most 1.5 MB.`);
  await benchStart();
  await benchCheck();
}

/** A new process that loads the function, as AWS Lambda does before the first event. */
async function benchStart(): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-'));
  const empty = path.join(directory, 'index.js');
  writeFileSync(empty, 'exports.handler = async () => {};');
  const loading = (script: string) => () => nodeProcess(`require(${JSON.stringify(script)})`);
  await compare({
    title: 'Start of the release check: a Node.js process that loads the function and ends',
    reference: { name: 'an empty function', run: loading(empty) },
    subjects: [
      { name: 'the function, before its first event', run: loading(ASSET) },
      { name: 'the function with all that its first event loads', run: loading(path.join(ASSET, 'run.js')) },
    ],
    rounds: 20,
    target: 'at most 1.2x an empty function, before the first event',
  });
  rmSync(directory, { recursive: true });
}

async function nodeProcess(program: string): Promise<void> {
  await once(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }), 'exit');
}

/** The expense tracker with its own check, from the event of CloudFormation to the answer. */
async function benchCheck(): Promise<void> {
  const table = await openExpenseTable();
  const server = bundleServer(path.join(__dirname, '../samples/expense-tracker/server.ts'));
  const runtime = new LocalRuntime({
    artifacts: { [SERVER]: { directory: path.dirname(server), command: [process.execPath, server] } },
  });
  const { url } = await runtime.listen();
  const services = new AwsServices();
  await services.start();
  Object.assign(process.env, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: url,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: url,
  });
  const cloudFormation = createServer((request, response) => request.resume().on('end', () => response.end()));
  cloudFormation.listen(0, '127.0.0.1');
  await once(cloudFormation, 'listening');
  const control = new BedrockAgentCoreControlClient({ endpoint: url, region: REGION, credentials: CREDENTIALS });
  const { agentRuntimeArn = '' } = await control.send(
    new CreateAgentRuntimeCommand({
      agentRuntimeName: 'expenses',
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: 'local', prefix: 'server.zip' } },
          runtime: 'NODE_22',
          entryPoint: [path.basename(server)],
        },
      },
      roleArn: 'arn:aws:iam::123456789012:role/server',
      protocolConfiguration: { serverProtocol: 'MCP' },
      environmentVariables: table.environment,
    }),
  );
  const responseUrl = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/`;
  const held = (): Promise<Held> => holdCheck(agentRuntimeArn, responseUrl);
  try {
    await compare({
      title: 'Release check of the expense tracker, against the local control plane',
      reference: { name: 'its sessions and conversations themselves', run: async () => (await held()).conversationMs },
      subjects: [{ name: 'all else: the rest of the function', run: async () => (await held()).ownMs }],
      rounds: 10,
      target: 'at most 1500 ms beyond the conversations',
    });
  } finally {
    control.destroy();
    await runtime.close();
    await services.close();
    cloudFormation.close();
    await table.close();
    rmSync(path.dirname(server), { recursive: true });
  }
}

interface Held {
  readonly conversationMs: number;
  readonly ownMs: number;
}

/** The line of the log that has the findings. */
const FINDINGS = /^pass in \d+ ms: (\[.*\])$/;

async function holdCheck(runtimeArn: string, ResponseURL: string): Promise<Held> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: unknown) => lines.push(String(line));
  const start = performance.now();
  try {
    await handler(
      {
        RequestType: 'Create',
        ResponseURL,
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: 'ReleaseCheck',
        ResourceProperties: {
          runtimeArn,
          version: '1',
          stage: 'candidate',
          endpointName: 'live',
          check: JSON.stringify(check),
          onInconclusive: 'fail',
          callers: [{ kind: 'iam' }],
          recordName: '/record',
        },
      },
      {
        awsRequestId: 'request',
        invokedFunctionArn: 'function',
        logGroupName: 'group',
        logStreamName: 'stream',
        getRemainingTimeInMillis: () => 900_000,
      },
    );
  } finally {
    console.log = log;
  }
  const totalMs = performance.now() - start;
  const [, findings] = lines.map(line => FINDINGS.exec(line)).find(found => found !== null) ?? [];
  if (findings === undefined) {
    throw new Error(`the check was not passed:\n${lines.join('\n')}`);
  }
  const conversationMs = (JSON.parse(findings) as { durationMs?: number }[]).reduce(
    (sum, { durationMs = 0 }) => sum + durationMs,
    0,
  );
  return { conversationMs, ownMs: totalMs - conversationMs };
}
