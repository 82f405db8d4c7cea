import type { LocalRuntime, ReleaseCandidate } from 'stateful-mcp-local';
import { newFolder, runtimeResource, writeAssembly } from '../assembly';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { newRuntime } from '../running';

const attribute = (logicalId: string, name: string): object => ({ 'Fn::GetAtt': [logicalId, name] });

/** What `McpRelease.verified` makes: a check of the version, the endpoint, and a check of that. */
const RELEASE = {
  Server: runtimeResource(),
  Candidate: {
    Type: 'Custom::McpReleaseCheck',
    Properties: {
      runtimeArn: attribute('Server', 'AgentRuntimeArn'),
      stage: 'candidate',
      endpointName: 'live',
      check: '{"tools":["echo"]}',
    },
  },
  Promoted: {
    Type: 'Custom::McpReleaseCheck',
    Properties: {
      runtimeArn: attribute('Server', 'AgentRuntimeArn'),
      stage: 'promoted',
      endpointName: 'other',
      check: '{}',
    },
  },
  Live: {
    Type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
    Properties: { AgentRuntimeId: attribute('Server', 'AgentRuntimeId'), Name: 'live' },
  },
};

async function started(
  resources: Readonly<Record<string, object>>,
  releases?: 'at-start' | 'on-request',
): Promise<LocalRuntime> {
  const assembly = writeAssembly({ Stack: { template: { Resources: resources } } });
  const runtime = newRuntime({ assembly, ...(releases && { releases }) });
  await runtime.ready;
  return runtime;
}

/** What a version answers at an endpoint; undefined where there is no such endpoint. */
async function answerOf(runtime: LocalRuntime, qualifier: string): Promise<string | undefined> {
  const url = `http://localhost${runtime.runtimes[0]?.invocationPath.replace('DEFAULT', qualifier)}`;
  const response = await runtime.fetch(new Request(url, { method: 'POST', body: '{}' }));
  const { result } = (await response.json()) as { result?: { release?: string } };
  return result && (result.release ?? 'first');
}

function secondVersion(): string {
  const folder = newFolder();
  const code = `import { createServer } from 'node:http';
    createServer((request, response) => response.writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id: null, result: { release: 'second' } }))).listen(process.env.PORT, process.env.HOST);`;
  writeFileSync(path.join(folder, 'server.mjs'), code);
  return folder;
}

test('tells what the template checks', async () => {
  const runtime = await started(RELEASE);
  expect(runtime.runtimes[0]?.release).toEqual({ endpointName: 'live', check: '{"tools":["echo"]}' });
});

test('the endpoint has the version at once, unless releases wait for a request', async () => {
  expect(await answerOf(await started(RELEASE), 'live')).toBe('first');
  expect(await answerOf(await started(RELEASE, 'on-request'), 'live')).toBeUndefined();
});

test('the endpoint moves once a version is verified, and stays when it is not', async () => {
  const runtime = await started(RELEASE, 'on-request');
  const candidates: ReleaseCandidate[] = [];
  const verify = async (candidate: ReleaseCandidate): Promise<void> => {
    candidates.push(candidate);
    expect(await answerOf(runtime, 'live')).toBe(candidate.version === '1' ? undefined : 'first');
  };
  expect(await runtime.release('my_mcp', verify)).toBe('1');
  expect(candidates).toEqual([
    {
      runtimeName: 'my_mcp',
      version: '1',
      endpointName: 'live',
      check: '{"tools":["echo"]}',
      invocationPath: runtime.runtimes[0]?.invocationPath,
    },
  ]);

  expect(await runtime.publish('my_mcp', secondVersion())).toBe('2');
  expect([await answerOf(runtime, 'DEFAULT'), await answerOf(runtime, 'live')]).toEqual(['second', 'first']);
  const refused = runtime.release('my_mcp', () => Promise.reject(new Error('it lacks a tool')));
  await expect(refused).rejects.toThrow('it lacks a tool');
  expect(await answerOf(runtime, 'live')).toBe('first');
  expect(await runtime.release('my_mcp', verify)).toBe('2');
  expect(await answerOf(runtime, 'live')).toBe('second');
});

test('a runtime without a verified release has none to make', async () => {
  const runtime = await started({ Server: runtimeResource() }, 'on-request');
  await expect(runtime.release('my_mcp', () => Promise.resolve())).rejects.toMatchObject({ code: 'ERR_NO_RELEASE' });
  await expect(runtime.release('other', () => Promise.resolve())).rejects.toMatchObject({
    code: 'ERR_UNKNOWN_RUNTIME',
  });
});
