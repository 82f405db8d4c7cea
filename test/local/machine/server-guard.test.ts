import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { GUARD_SCRIPT } from '../../../local/src/machine/server-guard';
import { isAlive, until } from '../running';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
  }
});

/** A process that leads a group of its own, and carries the mark where it is given one. */
function sleeper(environment: NodeJS.ProcessEnv = {}): number {
  const child = spawn('sleep', ['60'], {
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, ...environment },
  });
  started.push(child);
  return child.pid as number;
}

async function guarded(lines: readonly string[]): Promise<void> {
  const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', 'GUARD_TEST_MARK', 'one'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  started.push(guard);
  guard.stdin.end(lines.map(line => `${line}\n`).join(''));
  await once(guard, 'exit');
}

test('the groups that are left end, those that were released stay', async () => {
  const [left, released, last] = [sleeper(), sleeper(), sleeper()];
  await guarded([`+ ${left}`, `+ ${released}`, `- ${released}`, `+ ${last}`]);
  await until(() => !isAlive(left) && !isAlive(last));
  expect(isAlive(released)).toBe(true);
});

test.each(['- 4999999', '- 1', '- '])('a release of a group that it does not know changes nothing: %j', async line => {
  const [left, released] = [sleeper(), sleeper()];
  await guarded([`+ ${left}`, `+ ${released}`, line, line, `- ${released}`]);
  await until(() => !isAlive(left));
  expect(isAlive(released)).toBe(true);
});

test('what carries the mark ends although nothing was said of it, other marks do not matter', async () => {
  const [marked, other, longer] = [
    sleeper({ GUARD_TEST_MARK: 'one' }),
    sleeper({ GUARD_TEST_MARK: 'two' }),
    sleeper({ GUARD_TEST_MARK: 'other-one' }),
  ];
  await guarded([]);
  await until(() => !isAlive(marked));
  expect([other, longer].map(isAlive)).toEqual([true, true]);
});

test('when all is over nothing is looked for', async () => {
  const marked = sleeper({ GUARD_TEST_MARK: 'one' });
  await guarded(['+ 4999999', '- 4999999', '.']);
  expect(isAlive(marked)).toBe(true);
});
