import { ManualClock, type LocalRuntimeOptions } from 'stateful-mcp-local';
import {
  CLIENT_KINDS,
  closeClients,
  connectClient,
  LEGACY_KINDS,
  textOf,
  type ClientKind,
  type Progress,
  type TestClient,
} from '../server/clients';
import { newFolder } from './assembly';
import { bundleConversationServer } from './fixtures/conversation';
import { nextStop, startRuntime, until, type Started } from './running';

let server: string;
beforeAll(() => {
  server = bundleConversationServer(newFolder());
});
afterEach(closeClients);

const start = (options: Partial<LocalRuntimeOptions> = {}): Promise<Started> =>
  startRuntime({ runtimes: [{ name: 'conversation', command: [process.execPath, server] }], ...options });

const connect = (kind: ClientKind, { endpoint }: Started, name = 'Ana'): Promise<TestClient> =>
  connectClient(kind, endpoint.url, {
    elicit: () => ({ action: 'accept', content: { name } }),
    sample: text => `Model says: ${text}`,
  });

describe.each([
  ['one process for requests without a session', {}],
  ['a session for each of them', { settings: { requestsWithoutSession: 'new-session' } }],
  ['session ids of the platform', { settings: { sessionIds: 'platform' } }],
] as const)('%s', (_, options) => {
  test.each(CLIENT_KINDS)('%s: elicitation, sampling and progress cross the runtime', async kind => {
    const client = await connect(kind, await start(options));
    const progress: Progress[] = [];
    const result = await client.call('greet', {}, { onprogress: step => progress.push(step) });
    expect(textOf(result)).toBe('Model says: Greet Ana');
    // The modern client adds steps of its own, one for each round of questions.
    const steps = progress
      .map(({ message = '' }) => message)
      .filter(message => message !== '' && !message.startsWith('Fulfilling'));
    expect(steps).toEqual(['asking', 'sampling', 'done']);
  });
});

test.each(CLIENT_KINDS)('%s: by fetch, without a port', async kind => {
  const { runtime } = await start();
  const client = await connectClient(kind, `http://localhost${runtime.runtimes[0]?.invocationPath}`, {
    elicit: () => ({ action: 'accept', content: { name: 'Bo' } }),
    sample: text => text,
    fetch: (url, init) => runtime.fetch(new Request(url, init)),
  });
  expect(textOf(await client.call('greet'))).toBe('Greet Bo');
});

test.each(LEGACY_KINDS)("%s: two sessions at once never see each other's state", async kind => {
  const started = await start();
  const [one, other] = [await connect(kind, started, 'One'), await connect(kind, started, 'Other')];
  const texts = await Promise.all([one.call('greet'), other.call('greet')]);
  expect(texts.map(textOf)).toEqual(['Model says: Greet One', 'Model says: Greet Other']);
  await one.call('remember', { word: 'red' });
  expect(textOf(await other.call('remember', { word: 'blue' }))).toMatch(/^\d+: blue$/);
  expect(textOf(await one.call('remember', { word: 'green' }))).toMatch(/^\d+: red green$/);
});

test.each(LEGACY_KINDS)('%s: killing the process of one session leaves the other answering', async kind => {
  const started = await start();
  const [one, other] = [await connect(kind, started), await connect(kind, started)];
  const pid = Number.parseInt(textOf(await one.call('remember', { word: 'red' })), 10);
  await other.call('remember', { word: 'blue' });
  const stopped = nextStop(started.runtime);
  process.kill(pid, 'SIGKILL');
  expect((await stopped).sessionId).toBe(one.sessionId);
  await expect(one.call('remember', { word: 'green' })).rejects.toThrow(/Session not found|404/);
  expect(textOf(await other.call('remember', { word: 'green' }))).toMatch(/: blue green$/);
});

test.each(LEGACY_KINDS)('%s: a session that idled too long is not found any more', async kind => {
  const clock = new ManualClock();
  const started = await start({ clock });
  const client = await connect(kind, started);
  await client.call('remember', { word: 'red' });
  await until(() => started.runtime.sessions()[0]?.state === 'idle');
  const stopped = nextStop(started.runtime);
  clock.advance(900_000);
  // The server kit closes its streams and leaves in order.
  expect(await stopped).toMatchObject({ reason: 'idle-timeout', exitCode: 0 });
  await expect(client.call('remember', { word: 'blue' })).rejects.toThrow(/Session not found|404/);
});

test.each(LEGACY_KINDS)('%s: ending the session ends its process', async kind => {
  const started = await start();
  const client = await connect(kind, started);
  const stopped = nextStop(started.runtime);
  await client.terminateSession();
  expect((await stopped).reason).toBe('deleted');
});
