import path from 'node:path';
import type { SessionStoppedEvent } from 'stateful-mcp-local';
import { systemClock } from '../../../local/src/common/clock';
import { runtimeOfDefinition } from '../../../local/src/definitions/command-definition';
import { CpuAffinity } from '../../../local/src/machine/cpu-affinity';
import type { RuntimeDefinition } from '../../../local/src/model/runtime-definition';
import { REFUSES_PROBES } from '../../../local/src/probes/health-probe';
import { SessionProcess } from '../../../local/src/process/session-process';
import type { RuntimeVersion } from '../../../local/src/session/runtime-version';
import { SessionLifecycle } from '../../../local/src/session/session-lifecycle';
import { CountingClock } from '../process/started-process';
import { isAlive, until } from '../running';

const definition = runtimeOfDefinition(
  {
    name: 'small',
    command: [process.execPath, path.join(__dirname, '../fixtures/small-server.cjs')],
    idleTimeoutSeconds: 60,
    maxLifetimeSeconds: 600,
  },
  {},
  undefined,
);

const PING_MS = 20_000;

interface Begun {
  readonly lifecycle: SessionLifecycle;
  readonly clock: CountingClock;
  readonly usage: { active: boolean; lastActiveAt: number };
  /** What the table of sessions was told, in turn. */
  readonly told: string[];
  readonly events: (SessionStoppedEvent | undefined)[];
  /** The lines of the local runtime, and whose they are. */
  readonly lines: string[];
}

interface Beginning {
  readonly isIdentified?: boolean;
  readonly starting?: Promise<SessionProcess>;
  /** A server of the HTTP protocol that is pinged. */
  readonly script?: string;
}

const begun: SessionLifecycle[] = [];

function begin({ isIdentified = true, script, starting }: Beginning = {}): Begun {
  const clock = new CountingClock();
  const usage = { active: false, lastActiveAt: 0 };
  const told: string[] = [];
  const events: (SessionStoppedEvent | undefined)[] = [];
  const lines: string[] = [];
  const runtime: RuntimeDefinition =
    script === undefined
      ? definition
      : {
          ...definition,
          command: [process.execPath, '-e', script],
          features: { ...definition.features, protocol: 'HTTP' },
        };
  const lifecycle = new SessionLifecycle(starting ?? startServer(runtime, clock, lines), {
    clock,
    usage,
    version: { version: '1', definition: runtime } as RuntimeVersion,
    pingIntervalMs: script === undefined ? undefined : PING_MS,
    sessionId: () => 'an-id',
    isIdentified: () => isIdentified,
    onStarted: () => told.push('started'),
    onClosed: reason => told.push(`closed: ${reason}`),
    onEnded: event => {
      told.push('ended');
      events.push(event);
    },
  });
  begun.push(lifecycle);
  return { lifecycle, clock, usage, told, events, lines };
}

const startServer = (runtime: RuntimeDefinition, clock: CountingClock, lines: string[]): Promise<SessionProcess> =>
  SessionProcess.start(
    {
      runtime,
      requestStateKey: '',
      confinement: { cpus: new CpuAffinity(undefined), isolation: 'none' },
      containerLimits: [],
      fixedPort: { port: undefined },
      log: ({ stream, sessionId, line }) => {
        if (stream === 'runtime') {
          lines.push(`${sessionId}: ${line}`);
        }
      },
    },
    new AbortController().signal,
    clock,
  );

afterEach(async () => {
  for (const lifecycle of begun) {
    lifecycle.stop('closed');
  }
  await Promise.all(begun.splice(0).map(({ over }) => over));
});

test('a session lives until it is stopped, and is described from its start', async () => {
  const { lifecycle, clock, told, events } = begin();
  expect([lifecycle.isStarting, lifecycle.stoppable, lifecycle.describe()]).toEqual([true, false, undefined]);
  const { pid } = await lifecycle.ready;
  expect(lifecycle.describe()).toMatchObject({
    sessionId: 'an-id',
    runtimeName: 'small',
    version: '1',
    pid,
    state: 'idle',
    idleTimeLeftMs: 60_000,
    lifetimeLeftMs: 600_000,
  });
  expect([lifecycle.isStarting, lifecycle.stoppable, lifecycle.group]).toEqual([false, true, pid]);
  // Its idle timeout and its max lifetime, and no ping.
  expect(clock.set.size).toBe(2);
  lifecycle.stop('stopped');
  expect(lifecycle.describe()).toMatchObject({ state: 'stopping', idleTimeLeftMs: 0, lifetimeLeftMs: 0 });
  expect(lifecycle.group).toBeUndefined();
  await lifecycle.over;
  expect(isAlive(pid)).toBe(false);
  expect(lifecycle.describe()?.state).toBe('stopped');
  expect(told).toEqual(['started', 'closed: stopped', 'ended']);
  expect(events[0]).toMatchObject({ runtimeName: 'small', sessionId: 'an-id', pid, reason: 'stopped' });
});

test('the first reason stays', async () => {
  const { lifecycle, told } = begin();
  await lifecycle.ready;
  lifecycle.stop('expired');
  lifecycle.stop('stopped');
  await lifecycle.over;
  expect(told).toEqual(['started', 'closed: expired', 'ended']);
});

test('use keeps a session from idling, and nothing from its max lifetime', async () => {
  const { lifecycle, clock, usage, told } = begin();
  await lifecycle.ready;
  usage.active = true;
  clock.advance(300_000);
  expect(lifecycle.describe()).toMatchObject({ state: 'active', idleTimeLeftMs: 60_000, lifetimeLeftMs: 300_000 });
  clock.advance(300_000);
  await lifecycle.over;
  expect(told).toContain('closed: max-lifetime');
});

test('a session without use ends by its idle timeout', async () => {
  const { lifecycle, clock, told } = begin();
  await lifecycle.ready;
  clock.advance(60_000);
  await lifecycle.over;
  expect(told).toContain('closed: idle-timeout');
});

test('a process that ends by itself is a crash, and why is known to whoever waited for its response', async () => {
  const { lifecycle, told, events } = begin();
  await lifecycle.ready;
  lifecycle.kill();
  expect(await lifecycle.whyEnded()).toBe('the server process of this session ended by SIGKILL during the request');
  await lifecycle.over;
  expect(told).toEqual(['started', 'closed: crashed', 'ended']);
  expect(events[0]).toMatchObject({ reason: 'crashed', signal: 'SIGKILL' });
});

test('a session that runs out of memory says how much it used', async () => {
  const { lifecycle, told } = begin();
  await lifecycle.ready;
  lifecycle.runOutOfMemory(3 * 1024 ** 2, 2 * 1024 ** 2);
  expect(await lifecycle.whyEnded()).toContain('used 3.0 MB, the limit is 2.0 MB');
  expect(told).toContain('closed: out-of-memory');
});

test('a session without an id is told of once it has one', async () => {
  const { lifecycle, told } = begin({ isIdentified: false });
  await lifecycle.ready;
  expect(told).toEqual([]);
  lifecycle.introduce();
  lifecycle.introduce();
  expect(told).toEqual(['started']);
});

test('a session that is stopped while its process starts ends with it', async () => {
  const { lifecycle, told } = begin();
  lifecycle.stop('closed');
  const { pid } = await lifecycle.ready;
  await lifecycle.over;
  expect(isAlive(pid)).toBe(false);
  expect(told[0]).toBe('closed: closed');
});

test('a process that does not start leaves no event', async () => {
  const { lifecycle, told, events } = begin({ starting: Promise.reject(new Error('no such program')) });
  await lifecycle.over;
  expect(told).toEqual(['closed: crashed', 'ended']);
  expect(events).toEqual([undefined]);
});

test.each([
  ['expired', 15_000],
  ['closed', 2000],
] as const)('a process has time to end, by the clock of the session unless all ends: %s', async (reason, graceMs) => {
  const { lifecycle, clock } = begin();
  const stop = jest.spyOn(await lifecycle.ready, 'stop');
  lifecycle.stop(reason);
  expect(stop.mock.calls).toEqual([[graceMs, reason === 'closed' ? systemClock : clock]]);
  await lifecycle.over;
  // Neither its idle timeout nor its max lifetime ends it once more.
  clock.advance(600_000);
  expect(stop).toHaveBeenCalledTimes(1);
});

test('whatever ends a session while its process starts, nothing else is told of it', async () => {
  const { lifecycle, told, lines } = begin();
  lifecycle.kill();
  lifecycle.note('nobody has a log yet');
  lifecycle.renamed('another-id');
  lifecycle.runOutOfMemory(2, 1);
  expect([lifecycle.group, await lifecycle.whyEnded(), told]).toEqual([undefined, undefined, []]);
  lifecycle.stop('stopped');
  lifecycle.stop('expired');
  await lifecycle.over;
  expect([told, lines]).toEqual([['closed: stopped', 'started', 'ended'], []]);
});

test('the log of a session goes by the id that it has', async () => {
  const { lifecycle, lines } = begin({ isIdentified: false });
  await lifecycle.ready;
  lifecycle.note('before anybody knows one');
  lifecycle.renamed('not yet');
  expect(lines).toEqual([]);
  lifecycle.introduce();
  lifecycle.renamed('another-id');
  lifecycle.note('after that');
  expect(lines).toEqual(['an-id: before anybody knows one', 'another-id: after that']);
});

test('a session that ends does not run out of memory any more', async () => {
  const { lifecycle, told, lines, events } = begin();
  await lifecycle.ready;
  lifecycle.stop('stopped');
  lifecycle.runOutOfMemory(2, 1);
  await lifecycle.over;
  expect([told, lines]).toEqual([['started', 'closed: stopped', 'ended'], []]);
  expect(events[0]).toMatchObject({ reason: 'stopped', signal: 'SIGTERM' });
});

test('what a session has used is counted until it has ended', async () => {
  const { lifecycle, clock, events } = begin();
  await lifecycle.ready;
  clock.advance(10_000);
  expect(lifecycle.describe()?.cost).toMatchObject({ lifetimeMs: 10_000 });
  clock.advance(10_000);
  lifecycle.stop('stopped');
  await lifecycle.over;
  const cost = { lifetimeMs: 20_000, peakMemoryBytes: lifecycle.describe()?.cost.peakMemoryBytes };
  expect(events[0]?.cost).toMatchObject(cost);
  clock.advance(10_000);
  expect(lifecycle.describe()?.cost).toMatchObject(cost);
});

test('what a process has used is read before it is asked to end', async () => {
  const { lifecycle, events } = begin();
  await lifecycle.ready;
  lifecycle.stop('stopped');
  await lifecycle.over;
  expect(events[0]?.cost.peakMemoryBytes).toBeGreaterThan(0);
});

describe('background pings', () => {
  /** Answers pings with these, one after the other, and then with the last of them. */
  const answers = (...statuses: readonly (number | string)[]): string => `
    const answers = ${JSON.stringify(statuses)};
    require('node:http').createServer((request, response) => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      response.writeHead(typeof answer === 'number' ? answer : 200).end(JSON.stringify({ status: answer }));
    }).listen(process.env.PORT, process.env.HOST);`;

  /** Waits for the next ping, and until the one after it is due. */
  async function ping({ clock }: Begun): Promise<void> {
    clock.advance(PING_MS);
    const { size } = clock.set;
    await until(() => clock.set.size > size);
  }

  test('keep a session active whose server says that it is busy', async () => {
    const session = begin({ script: answers('HealthyBusy', 'HealthyBusy', 'HealthyBusy', 'Healthy') });
    const { lifecycle } = session;
    await lifecycle.ready;
    expect(lifecycle.busy).toBe(false);
    for (let pings = 0; pings < 3; pings++) {
      await ping(session);
      expect(lifecycle.describe()).toMatchObject({ state: 'active', idleTimeLeftMs: 60_000 });
    }
    await ping(session);
    // Nobody has used it for longer than its idle timeout.
    expect(lifecycle.describe()).toMatchObject({ state: 'idle', idleTimeLeftMs: 0 });
  });

  test('end a session whose server fails three in a row', async () => {
    const session = begin({ script: answers(500, 500, 'Healthy', 500) });
    const { lifecycle, clock, usage, lines, told } = session;
    await lifecycle.ready;
    usage.active = true;
    for (let pings = 0; pings < 5; pings++) {
      await ping(session);
    }
    expect([lifecycle.stoppable, lines]).toEqual([true, []]);
    clock.advance(PING_MS);
    await lifecycle.over;
    expect(told).toEqual(['started', 'closed: unhealthy', 'ended']);
    expect(lines).toEqual(['an-id: the server failed three health probes in a row, so its session ends']);
  });

  test('end a session whose server wants credentials, which the log says', async () => {
    const session = begin({ script: answers(401) });
    await session.lifecycle.ready;
    await ping(session);
    await ping(session);
    session.clock.advance(PING_MS - 1);
    expect(session.lifecycle.stoppable).toBe(true);
    session.usage.active = true;
    session.clock.advance(1);
    await session.lifecycle.over;
    expect(session.told).toContain('closed: unhealthy');
    expect(session.lines).toEqual([`an-id: ${REFUSES_PROBES}`]);
  });

  test('are not sent any more when the session has ended', async () => {
    const { lifecycle, clock, told } = begin({ script: answers(500) });
    const { connections } = await lifecycle.ready;
    const dispatch = jest.spyOn(connections, 'dispatch');
    lifecycle.stop('stopped');
    await lifecycle.over;
    clock.advance(10 * PING_MS);
    expect([dispatch.mock.calls.length, told]).toEqual([0, ['started', 'closed: stopped', 'ended']]);
  });
});
