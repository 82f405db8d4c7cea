import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LocalRuntimeOptions } from 'stateful-mcp-local';
import {
  closeClients,
  connectClient,
  LEGACY_KINDS,
  textOf,
  type ClientKind,
  type Progress,
  type TestClient,
} from '../../server/clients';
import { isAlive, nextStop, startRuntime, until, type Started } from '../../local/running';
import { FASTMCP, pythonEnvironment } from './python-environment';

const program = pythonEnvironment(FASTMCP);

afterEach(closeClients);

/** Python takes its time to import FastMCP where others use the machine too. */
const start = (options: Partial<LocalRuntimeOptions> = {}): Promise<Started> =>
  startRuntime({
    runtimes: [
      {
        name: 'notes',
        command: [program('python'), path.join(__dirname, 'fastmcp_server.py')],
        startLimitMs: 120_000,
      },
    ],
    ...options,
  });

const connect = (kind: ClientKind, { endpoint }: Started, name: string): Promise<TestClient> =>
  connectClient(kind, endpoint.url, {
    elicit: () => ({ action: 'accept', content: { name } }),
    sample: text => `sampled ${text}`,
  });

const STEPS = [
  [1, 3, 'step 1'],
  [2, 3, 'step 2'],
  [3, 3, 'step 3'],
];
const pidOf = (remembered: string): number => Number.parseInt(remembered, 10);

test.each(LEGACY_KINDS)('%s: the whole conversation with a server on FastMCP, in two sessions at once', async kind => {
  const started = await start();
  const conversations = await Promise.all(
    ['Ana', 'Bo'].map(async name => {
      const client = await connect(kind, started, name);
      const progress: Progress[] = [];
      const call = async (tool: string, args = {}): Promise<string> =>
        textOf(await client.call(tool, args, { onprogress: step => progress.push(step) }));
      await call('remember', { word: 'first' });
      const said = [await call('ask'), await call('think', { text: name }), await call('work')];
      return { said, progress, remembered: await call('remember', { word: name }) };
    }),
  );
  expect(conversations).toEqual(
    ['Ana', 'Bo'].map(name => ({
      said: [`accepted: ${name}`, `sampled ${name}`, 'done'],
      progress: STEPS.map(([progress, total, message]) => ({ progress, total, message })),
      remembered: expect.stringMatching(new RegExp(`^\\d+: first ${name}$`)) as string,
    })),
  );
  const pids = conversations.map(({ remembered }) => pidOf(remembered));
  expect(new Set(pids).size).toBe(2);
  expect(
    started.runtime
      .sessions()
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual([...pids].sort());
});

test("FastMCP's client: the whole conversation with a server on FastMCP, in two sessions at once", async () => {
  const started = await start();
  const { stdout } = await promisify(execFile)(program('python'), [
    path.join(__dirname, 'fastmcp_sessions.py'),
    started.endpoint.url,
  ]);
  const conversations = JSON.parse(stdout) as { remembered: string }[];
  expect(conversations).toEqual(
    ['Ana', 'Bo'].map(name => ({
      asked: `accepted: ${name}`,
      sampled: `sampled ${name}`,
      worked: 'done',
      remembered: expect.stringMatching(new RegExp(`^\\d+: first ${name}$`)) as string,
      progress: STEPS,
    })),
  );
  const [one = 0, other = 0] = conversations.map(({ remembered }) => pidOf(remembered));
  expect(one).not.toBe(other);
  // The client ends its sessions when it leaves, and with each its process.
  await until(() => !isAlive(one) && !isAlive(other));
});

test.each(LEGACY_KINDS)('%s: the id of an ended session gets 404, the other session goes on', async kind => {
  const started = await start();
  const [one, other] = [await connect(kind, started, 'Ana'), await connect(kind, started, 'Bo')];
  const ended = one.sessionId as string;
  await other.call('remember', { word: 'first' });
  const stopped = nextStop(started.runtime, ended);
  await one.terminateSession();
  expect((await stopped).reason).toBe('deleted');
  const response = await started.endpoint.send({ jsonrpc: '2.0', id: 7, method: 'tools/list' }, ended, {
    headers: { 'mcp-protocol-version': '2025-11-25' },
  });
  expect(response.status).toBe(404);
  expect(textOf(await other.call('remember', { word: 'second' }))).toMatch(/: first second$/);
});

test.each([['shared'], ['new-session']] as const)(
  'SDK v2 modern: a question of a server on FastMCP, and progress, without a session: %s',
  async requestsWithoutSession => {
    const client = await connect('SDK v2 modern', await start({ settings: { requestsWithoutSession } }), 'Ana');
    const progress: Progress[] = [];
    expect(textOf(await client.call('ask_in_a_round'))).toBe('accept: Ana');
    expect(textOf(await client.call('work', {}, { onprogress: step => progress.push(step) }))).toBe('done');
    expect(progress.map(({ message }) => message)).toEqual(STEPS.map(([, , message]) => message));
  },
);
