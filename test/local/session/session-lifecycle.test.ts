import path from 'node:path';
import { ManualClock, type SessionStoppedEvent } from 'stateful-mcp-local';
import { runtimeOfDefinition } from '../../../local/src/definitions/command-definition';
import { CpuAffinity } from '../../../local/src/machine/cpu-affinity';
import { SessionProcess } from '../../../local/src/process/session-process';
import type { RuntimeVersion } from '../../../local/src/session/runtime-version';
import { SessionLifecycle } from '../../../local/src/session/session-lifecycle';
import { isAlive } from '../running';

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

interface Begun {
  readonly lifecycle: SessionLifecycle;
  readonly clock: ManualClock;
  readonly usage: { active: boolean; lastActiveAt: number };
  /** What the table of sessions was told, in turn. */
  readonly told: string[];
  readonly events: (SessionStoppedEvent | undefined)[];
}

const begun: SessionLifecycle[] = [];

function begin(starting: (clock: ManualClock) => Promise<SessionProcess>, isIdentified = true): Begun {
  const clock = new ManualClock();
  const usage = { active: false, lastActiveAt: 0 };
  const told: string[] = [];
  const events: (SessionStoppedEvent | undefined)[] = [];
  const lifecycle = new SessionLifecycle(starting(clock), {
    clock,
    usage,
    version: { version: '1', definition } as RuntimeVersion,
    pingIntervalMs: undefined,
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
  return { lifecycle, clock, usage, told, events };
}

const startServer = (clock: ManualClock): Promise<SessionProcess> =>
  SessionProcess.start(
    {
      runtime: definition,
      requestStateKey: '',
      confinement: { cpus: new CpuAffinity(undefined), isolation: 'none' },
      containerLimits: [],
      fixedPort: { port: undefined },
      log: () => {},
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
  const { lifecycle, told, events } = begin(startServer);
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
  expect([lifecycle.stoppable, lifecycle.group]).toEqual([true, pid]);
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
  const { lifecycle, told } = begin(startServer);
  await lifecycle.ready;
  lifecycle.stop('expired');
  lifecycle.stop('stopped');
  await lifecycle.over;
  expect(told).toEqual(['started', 'closed: expired', 'ended']);
});

test('use keeps a session from idling, and nothing from its max lifetime', async () => {
  const { lifecycle, clock, usage, told } = begin(startServer);
  await lifecycle.ready;
  usage.active = true;
  clock.advance(300_000);
  expect(lifecycle.describe()).toMatchObject({ state: 'active', idleTimeLeftMs: 60_000, lifetimeLeftMs: 300_000 });
  clock.advance(300_000);
  await lifecycle.over;
  expect(told).toContain('closed: max-lifetime');
});

test('a session without use ends by its idle timeout', async () => {
  const { lifecycle, clock, told } = begin(startServer);
  await lifecycle.ready;
  clock.advance(60_000);
  await lifecycle.over;
  expect(told).toContain('closed: idle-timeout');
});

test('a process that ends by itself is a crash, and why is known to whoever waited for its response', async () => {
  const { lifecycle, told, events } = begin(startServer);
  await lifecycle.ready;
  lifecycle.kill();
  expect(await lifecycle.whyEnded()).toBe('the server process of this session ended by SIGKILL during the request');
  await lifecycle.over;
  expect(told).toEqual(['started', 'closed: crashed', 'ended']);
  expect(events[0]).toMatchObject({ reason: 'crashed', signal: 'SIGKILL' });
});

test('a session that runs out of memory says how much it used', async () => {
  const { lifecycle, told } = begin(startServer);
  await lifecycle.ready;
  lifecycle.runOutOfMemory(3 * 1024 ** 2, 2 * 1024 ** 2);
  expect(await lifecycle.whyEnded()).toContain('used 3.0 MB, the limit is 2.0 MB');
  expect(told).toContain('closed: out-of-memory');
});

test('a session without an id is told of once it has one', async () => {
  const { lifecycle, told } = begin(startServer, false);
  await lifecycle.ready;
  expect(told).toEqual([]);
  lifecycle.introduce();
  lifecycle.introduce();
  expect(told).toEqual(['started']);
});

test('a session that is stopped while its process starts ends with it', async () => {
  const { lifecycle, told } = begin(startServer);
  lifecycle.stop('closed');
  const { pid } = await lifecycle.ready;
  await lifecycle.over;
  expect(isAlive(pid)).toBe(false);
  expect(told[0]).toBe('closed: closed');
});

test('a process that does not start leaves no event', async () => {
  const { lifecycle, told, events } = begin(() => Promise.reject(new Error('no such program')));
  await lifecycle.over;
  expect(told).toEqual(['closed: crashed', 'ended']);
  expect(events).toEqual([undefined]);
});
