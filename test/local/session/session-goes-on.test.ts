import { closeClients, connectClient, LEGACY_KINDS, textOf } from '../../server/clients';
import { newFolder } from '../assembly';
import { bundleConversationServer } from '../fixtures/conversation';
import { nextStop, startRuntime } from '../running';

let server: string;
beforeAll(() => {
  server = bundleConversationServer(newFolder());
});
afterEach(closeClients);

test.each(LEGACY_KINDS)(
  '%s: a session goes on after its process was killed in the middle of a conversation',
  async kind => {
    const started = await startRuntime({
      runtimes: [
        {
          name: 'conversation',
          command: [process.execPath, server],
          sessionStorage: '/mnt/session',
          environment: { SESSION_DIRECTORY: '/mnt/session/mcp' },
        },
      ],
    });
    const { runtime, endpoint } = started;
    let asked = (): void => undefined;
    const question = new Promise<void>(resolve => {
      asked = resolve;
    });
    let answers = 0;
    const client = await connectClient(kind, endpoint.url, {
      elicit: async () => {
        asked();
        answers += 1;
        if (answers === 1) {
          await new Promise(() => undefined);
        }
        return { action: 'accept', content: { name: 'Ana' } };
      },
      sample: text => `Model says: ${text}`,
    });
    const { sessionId } = client;
    const firstPid = Number.parseInt(textOf(await client.call('remember', { word: 'one' })), 10);

    const interrupted = client.call('greet').then(
      result => textOf(result),
      (error: unknown) => String(error),
    );
    await question;
    const stopped = nextStop(runtime, sessionId);
    process.kill(firstPid, 'SIGKILL');
    expect(await stopped).toMatchObject({ reason: 'crashed', signal: 'SIGKILL' });
    expect(await interrupted).toMatch(/ended by SIGKILL|call again/);

    expect(textOf(await client.call('greet'))).toBe('Model says: Greet Ana');
    const again = textOf(await client.call('remember', { word: 'two' }));
    expect(Number.parseInt(again, 10)).not.toBe(firstPid);
    expect(again).toMatch(/: two$/);
    expect(client.sessionId).toBe(sessionId);
  },
);

test('without a directory for it the session is gone', async () => {
  const { runtime, endpoint } = await startRuntime({
    runtimes: [{ name: 'conversation', command: [process.execPath, server], sessionStorage: '/mnt/session' }],
  });
  const sessionId = await endpoint.initialize();
  const [session] = runtime.sessions();
  const stopped = nextStop(runtime, sessionId);
  process.kill(session!.pid, 'SIGKILL');
  await stopped;
  expect((await endpoint.call('remember', { word: 'two' }, sessionId)).status).toBe(404);
});
