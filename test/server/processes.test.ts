// What only shows between real processes: conversations that move, sessions that are lost, snapshots, and memory.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'stateful-mcp-client';
import { bundle, closeChildren, removeBundles, startChild, type ChildServer } from './child-server';
import { closeClients, connectClient, LEGACY_KINDS, textOf } from './clients';
import { INITIALIZE, JSON_HEADERS, messagesOf, modernRequest, type ModernAnswer } from './kit';

const FIXTURES = path.join(__dirname, 'fixtures');
const KEY = Buffer.from(Array.from({ length: 32 }, (_value, index) => index * 3)).toString('base64');

let server: string;
beforeAll(() => {
  server = bundle(path.join(FIXTURES, 'asking-server.ts'));
});
afterAll(removeBundles);
afterEach(async () => {
  await closeClients();
  await closeChildren();
});

async function start(count: number, environment: Record<string, string> = {}): Promise<ChildServer[]> {
  return await Promise.all(Array.from({ length: count }, () => startChild(server, environment)));
}

test('a modern conversation goes on whichever process gets the next round', async () => {
  const processes = await start(2, { STATEFUL_MCP_REQUEST_STATE_KEY: KEY });
  const rounds: number[] = [];
  const client = await connectClient('SDK v2 modern', processes[0]!.url, {
    fetch: async (_url, init) => {
      rounds.push(rounds.length % 2);
      return await fetch(processes[rounds.at(-1)!]!.url, init);
    },
    elicit: ({ message }) => ({ action: 'accept', content: { word: message.toUpperCase() } }),
  });
  rounds.length = 0;
  expect(textOf(await client.call('ask'))).toBe('FIRST SECOND');
  expect(rounds).toEqual([0, 1, 0]);
});

test('a modern conversation does not go on in a process with another key', async () => {
  const [one, two] = await start(2);
  const call = async ({ url }: ChildServer, more: object = {}): Promise<ModernAnswer> =>
    (await messagesOf(await fetch(url, modernRequest({ name: 'ask', ...more })))).at(-1) as unknown as ModernAnswer;
  const { result } = await call(one!);
  expect(
    (await call(two!, { requestState: result!.requestState, inputResponses: { q0: { action: 'cancel' } } })).error,
  ).toMatchObject({ code: -32602 });
});

describe('a session whose process was replaced', () => {
  /** Another process at the same address. */
  async function replaced({ url, process: old, exited }: ChildServer): Promise<void> {
    old.kill('SIGKILL');
    await exited;
    await startChild(server, { PORT: new URL(url).port });
  }

  test.each(LEGACY_KINDS)('%s is told that it is gone, and can begin a new one', async kind => {
    const [lost] = await start(1);
    const client = await connectClient(kind, lost!.url);
    await client.call('pid');
    await replaced(lost!);
    await expect(client.call('pid')).rejects.toThrow('Session not found');
    expect(textOf(await (await connectClient(kind, lost!.url)).call('pid'))).not.toBe(String(lost!.process.pid));
  });

  test('is begun anew by the client of this project', async () => {
    const [lost] = await start(1);
    const restarted = jest.fn();
    const client = await connect(lost!.url, { onSessionRestarted: restarted });
    try {
      const before = await client.callTool('pid');
      await replaced(lost!);
      expect((await client.callTool('pid')).content).not.toEqual(before.content);
      expect(restarted).toHaveBeenCalledTimes(1);
    } finally {
      await client.close();
    }
  });
});

describe('processes restored from the same frozen state', () => {
  const frozen = { NODE_OPTIONS: `--require ${path.join(FIXTURES, 'frozen-generators.cjs')}` };

  test('never give the same session id', async () => {
    const ids = await Promise.all(
      (await start(3, frozen)).flatMap(({ url }) =>
        [1, 2].map(async () => {
          const response = await fetch(url, {
            method: 'POST',
            headers: JSON_HEADERS,
            body: JSON.stringify(INITIALIZE),
          });
          await response.text();
          return response.headers.get('mcp-session-id');
        }),
      ),
    );
    expect(new Set(ids).size).toBe(6);
  });

  test.each(['one key that was given to all', 'no key'])('never issue the same request state, with %s', async which => {
    const processes = await start(3, {
      ...frozen,
      ...(which === 'no key' ? {} : { STATEFUL_MCP_REQUEST_STATE_KEY: KEY }),
    });
    const answers = await Promise.all(
      processes.map(
        async ({ url }) =>
          (await messagesOf(await fetch(url, modernRequest({ name: 'ask' })))).at(-1) as unknown as ModernAnswer,
      ),
    );
    expect(new Set(answers.map(({ result }) => result!.requestState)).size).toBe(3);
    const accepted = await Promise.all(
      processes.map(async ({ url }) => {
        const next = {
          name: 'ask',
          requestState: answers[0]!.result!.requestState,
          inputResponses: { q0: { action: 'cancel' } },
        };
        return 'result' in (await messagesOf(await fetch(url, modernRequest(next)))).at(-1)!;
      }),
    );
    expect(accepted).toEqual(which === 'no key' ? [true, false, false] : [true, true, true]);
  });
});

test('gives back the memory of a thousand sessions that were opened and left', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    bundle(path.join(FIXTURES, 'session-memory.ts')),
  ]);
  const { before, open, meanwhile, after } = JSON.parse(stdout) as Record<
    'before' | 'open' | 'meanwhile' | 'after',
    number
  >;
  expect(open).toBe(1000);
  expect(meanwhile - before).toBeGreaterThan(10);
  // What stays is noise: less than a fiftieth of what the sessions took.
  expect(after - before).toBeLessThan((meanwhile - before) / 50);
});

test('keeps nothing of sessions that clients have ended', async () => {
  // Without a limit, V8 lets garbage lie as long as there is room.
  const [child] = await start(1, { NODE_OPTIONS: '--max-old-space-size=48' });
  const { url } = child!;
  for (let session = 0; session < 1500; session += 1) {
    const opened = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });
    await opened.text();
    const ended = await fetch(url, {
      method: 'DELETE',
      headers: { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' },
    });
    expect(ended.status).toBe(200);
  }
});
