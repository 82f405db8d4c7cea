// What clients of all kinds meet.
import { setTimeout as pause } from 'node:timers/promises';
import { connectClient, LEGACY_KINDS, textOf, type Progress } from '../../server/clients';
import { ANSWERS, bridge, endBridges, eventsOf, installBridge, logged, pidOf, removeBridge } from './bridge';

beforeAll(installBridge);
afterEach(endBridges);
afterAll(removeBridge);

describe.each(LEGACY_KINDS)('%s', kind => {
  test('meets a process of its own in each session, and questions in both directions', async () => {
    const { url } = await bridge();
    const [one, two] = [await connectClient(kind, url, ANSWERS), await connectClient(kind, url, ANSWERS)];
    expect(await pidOf(one)).not.toBe(await pidOf(two));
    expect(await pidOf(one)).toBe(await pidOf(one));
    expect(textOf(await one.call('ask', { word: 'hello' }))).toBe('hello accept sampled HELLO');
  });

  test('gets answers and progress of calls that run at the same time', async () => {
    const client = await connectClient(kind, (await bridge()).url, ANSWERS);
    const progress: Record<string, Progress[]> = { a: [], b: [] };
    const results = await Promise.all(
      ['a', 'b'].map(name => client.call('steps', { name }, { onprogress: step => progress[name]?.push(step) })),
    );
    expect(results.map(textOf)).toEqual(['a', 'b']);
    expect(progress).toMatchObject({
      a: [{ message: 'a 1' }, { message: 'a 2' }],
      b: [{ message: 'b 1' }, { message: 'b 2' }],
    });
    const asked = await Promise.all(['c', 'd\u2028', 'é'].map(word => client.call('ask', { word })));
    expect(asked.map(textOf)).toEqual(['c accept sampled C', 'd\u2028 accept sampled D\u2028', 'é accept sampled É']);
  });

  test('cancels a call', async () => {
    const client = await connectClient(kind, (await bridge()).url);
    const abort = new AbortController();
    const waiting = expect(client.call('wait', {}, { signal: abort.signal })).rejects.toThrow();
    await pidOf(client);
    abort.abort();
    await waiting;
    while (textOf(await client.call('cancelled')) !== '1') {
      await pause(10);
    }
  });

  test('is told when its process ends, and nobody else notices', async () => {
    const server = await bridge();
    const [one, two] = [await connectClient(kind, server.url), await connectClient(kind, server.url)];
    const pid = await pidOf(two);
    const waiting = one.call('wait');
    await expect(Promise.all([waiting, one.call('exit', { code: 3 })])).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining(
        'the server process of this session ended with exit code 3: start a new session',
      ) as string,
      data: { code: 'ERR_STDIO_SERVER_ENDED' },
    });
    await expect(waiting).rejects.toThrow('ended with exit code 3');
    await expect(one.call('pid')).rejects.toThrow('Session not found');
    expect(await pidOf(two)).toBe(pid);
    await logged(server, 'about to exit');
    expect(eventsOf(server)).toContainEqual(
      expect.objectContaining({ event: 'child-output', sessionId: one.sessionId, line: 'about to exit' }),
    );
  });
});
