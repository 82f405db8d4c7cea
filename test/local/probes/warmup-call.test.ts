import { GetAgentRuntimeEndpointCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ManualClock, type LocalRuntime, type LocalRuntimeDefinition } from 'stateful-mcp-local';
import { artifact, createInput, roleArn, settled } from '../control-plane/planes';
import { newFolder } from '../assembly';
import { controlClient } from '../aws-clients';
import { newRuntime, startRuntime } from '../running';
import { freeServerPort } from '../../free-port';

const SERVER = path.join(__dirname, '../fixtures/warmed-server.cjs');
const HOOK = { platformVersion: 'V2', warmup: { path: '/warmup' } } as const;

function warmed(how: string, more: Partial<LocalRuntimeDefinition> = {}): LocalRuntimeDefinition {
  return {
    name: 'warmed',
    command: [process.execPath, SERVER],
    ...HOOK,
    ...more,
    environment: { HOW: how, ...more.environment },
  };
}

interface Told {
  readonly seen: readonly string[];
  readonly captured: string;
  readonly fresh: string;
}

async function sessionsOf(
  definition: LocalRuntimeDefinition,
  options: { readonly pooledProcesses?: number } = {},
): Promise<Told[]> {
  const { endpoint } = await startRuntime({ runtimes: [definition], ...options });
  const told: Told[] = [];
  for (const sessionId of ['one', 'other']) {
    const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, sessionId);
    told.push(((await response.json()) as { result: Told }).result);
  }
  return told;
}

test.each([0, 1])('comes first in each process, and is part of the snapshot (%s waiting)', async pooledProcesses => {
  const [one, other] = await sessionsOf(warmed('works'), { pooledProcesses });
  expect([one?.seen[0], other?.seen[0]]).toEqual(['POST /warmup', 'POST /warmup']);
  expect(one?.captured).toBe(other?.captured);
  expect(one?.fresh).not.toBe(other?.fresh);
});

test('reaches a port of its own', async () => {
  const port = await freeServerPort();
  const environment = { HOOK_PORT: String(port) };
  const { endpoint } = await startRuntime({
    runtimes: [warmed('works', { warmup: { path: '/heat', port }, environment })],
    pooledProcesses: 1,
  });
  const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, 'one');
  const { result } = (await response.json()) as { result: Told };
  expect(result.seen[0]).toBe('POST /heat on the other port');
});

const failureOf = async (definition: LocalRuntimeDefinition): Promise<string> => {
  const runtime = newRuntime({ runtimes: [definition], log: () => {} });
  return runtime.ready.then(
    () => 'ready',
    (error: unknown) => `${(error as { code: string }).code} ${(error as Error).message.split('\n')[0]}`,
  );
};

test.each([
  ['a status above 299', 'fails', 'POST /warmup, was answered with status 500: the table is gone'],
  ['a process that ends', 'dies', 'POST /warmup, got no answer'],
])('%s fails the version with its words', async (_, how, words) => {
  expect(await failureOf(warmed(how))).toMatch(/^ERR_WARMUP_FAILED runtime `warmed`: the warm-up hook, /);
  expect(await failureOf(warmed(how))).toContain(words);
});

test('a port on which nobody listens fails it', async () => {
  const port = await freeServerPort();
  expect(await failureOf(warmed('works', { warmup: { path: '/warmup', port } }))).toContain('found nobody');
});

/** A local runtime whose only server hangs in its warm-up, and what became of it. */
async function hanging(clock?: ManualClock): Promise<{ runtime: LocalRuntime; failure: Promise<string> }> {
  const mark = path.join(newFolder(), 'hangs');
  const runtime = newRuntime({
    runtimes: [warmed('hangs', { environment: { MARK: mark } })],
    log: () => {},
    ...(clock && { clock }),
  });
  const failure = runtime.ready.then(() => 'ready', String);
  while (!existsSync(mark)) {
    await delay(20);
  }
  return { runtime, failure };
}

test('no answer within 120 s fails it', async () => {
  const clock = new ManualClock();
  const { failure } = await hanging(clock);
  clock.advance(119_999);
  expect(await Promise.race([failure, delay(50, 'waits')])).toBe('waits');
  clock.advance(1);
  expect(await failure).toContain('the warm-up hook, POST /warmup, got no answer: none within 120 s');
});

test('a hook without V2 is refused', () => {
  expect(() => newRuntime({ runtimes: [warmed('works', { platformVersion: 'V1' })] })).toThrow(
    'lifecycle hooks need platformVersion V2',
  );
});

test('closing the local runtime does not wait for it', async () => {
  const { runtime, failure } = await hanging();
  await runtime.close();
  expect(await failure).toContain('the local runtime was closed');
});

describe('a version that a request makes', () => {
  const code = readFileSync(SERVER, 'utf8');
  const input = (how: string): object => ({
    agentRuntimeArtifact: artifact(newFolder(), code),
    environmentVariables: { HOW: how },
    platformVersion: 'V2',
    hooksConfiguration: { build: { warmup: { action: { httpPost: { path: '/warmup' } } } } },
  });

  test('fails the create, or the update, and DEFAULT stays', async () => {
    const { url } = await newRuntime({ artifacts: {} }).listen();
    const control = controlClient(url);
    const refused = await fetch(`${url}/runtimes/`, {
      method: 'PUT',
      body: JSON.stringify({ ...createInput({ agentRuntimeName: 'refused' }), ...input('fails') }),
    });
    const { agentRuntimeId: refusedId } = (await refused.json()) as { agentRuntimeId: string };
    expect(await settled(control, refusedId)).toMatchObject({
      status: 'CREATE_FAILED',
      failureReason: expect.stringMatching(/^Lifecycle hook failed: .* the table is gone/) as string,
    });

    const response = await fetch(`${url}/runtimes/`, {
      method: 'PUT',
      body: JSON.stringify({ ...createInput(), ...input('works') }),
    });
    const { agentRuntimeId } = (await response.json()) as { agentRuntimeId: string };
    expect((await settled(control, agentRuntimeId)).status).toBe('READY');
    await fetch(`${url}/runtimes/${agentRuntimeId}/`, {
      method: 'PUT',
      body: JSON.stringify({ roleArn, ...input('fails') }),
    });
    expect(await settled(control, agentRuntimeId)).toMatchObject({
      status: 'UPDATE_FAILED',
      failureReason: expect.stringContaining('the table is gone') as string,
    });
    const endpoint = await control.send(
      new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }),
    );
    expect(endpoint).toMatchObject({ liveVersion: '1' });
  });
});
