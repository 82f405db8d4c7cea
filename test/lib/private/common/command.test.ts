import { CommandError, runCommand } from '../../../../lib/private/common/command';

const node = (script: string): string => runCommand(process.execPath, ['-e', script], { cwd: process.cwd() });

function failureOf(action: () => unknown): CommandError {
  try {
    action();
  } catch (error) {
    if (error instanceof CommandError) {
      return error;
    }
  }
  throw new Error('no CommandError was thrown');
}

test('what a program prints is returned', () => {
  expect(node('console.log("hello"); console.error("aside")')).toBe('hello\n');
});

test('what a program wrote when it failed is shown, the last of it', () => {
  const { message, missing } = failureOf(() =>
    node('for (let i = 0; i < 100; i++) console.error("line " + i); process.exitCode = 3;'),
  );
  expect(missing).toBe(false);
  expect(message).toMatch(/ended with code 3:\n {2}line 80\n/);
  expect(message).toMatch(/\n {2}line 99$/);
});

test('a program that was killed is no success', () => {
  expect(failureOf(() => node('process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 1000);')).message).toContain(
    'ended with SIGKILL',
  );
});

test('a program that is not there is told apart', () => {
  expect(failureOf(() => runCommand('no-such-program', [], { cwd: process.cwd() })).missing).toBe(true);
});

test('a program that takes too long is said to, and how long it had', () => {
  const wait = (): string =>
    runCommand(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { cwd: process.cwd(), timeoutMs: 200 });
  expect(failureOf(wait).message).toBe(`${process.execPath} did not end within 0.2 s`);
});
