import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isEnding } from '../../../local/src/machine/process-end';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a process ends from the moment it is killed, before its parent is told', async () => {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  const pid = child.pid as number;
  expect(isEnding(pid)).toBe(false);
  process.kill(pid, 'SIGKILL');
  expect([isEnding(pid), child.exitCode, child.signalCode]).toEqual([true, null, null]);
  await exited;
  expect(isEnding(pid)).toBe(true);
});

onLinux('a process that is stopped does not end', async () => {
  const child = spawn('sleep', ['60']);
  process.kill(child.pid as number, 'SIGSTOP');
  expect(isEnding(child.pid as number)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
});
