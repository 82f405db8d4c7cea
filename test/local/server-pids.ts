import { spawnSync } from 'node:child_process';

/**
 * The servers that this program has started, by a word of their command line: those that wait do not show in the log.
 */
export function serverPids(word: string): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap(line => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return parent === process.pid && line.includes(word) ? [pid as number] : [];
  });
}
