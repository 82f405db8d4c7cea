import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { descendantsOf } from './process-tree';

/** `TCP_LISTEN` in /proc/net/tcp. */
const LISTENING = '0A';

/**
 * The TCP ports on which a process that leads its group, or what it has started, listens. Empty where that cannot be
 * read.
 */
export async function listeningPorts(group: number): Promise<number[]> {
  try {
    return [...new Set(process.platform === 'linux' ? fromProc(group) : await fromLsof(group))];
  } catch {
    return [];
  }
}

function fromProc(group: number): number[] {
  const sockets = new Set([group, ...descendantsOf(group)].flatMap(socketsOf));
  return ['tcp', 'tcp6'].flatMap(table =>
    readFileSync(`/proc/net/${table}`, 'latin1')
      .trim()
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .filter(fields => fields[3] === LISTENING && sockets.has(`socket:[${fields[9]}]`))
      .map(fields => parseInt(fields[1]?.split(':')[1] ?? '', 16)),
  );
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(descriptor => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
      } catch {
        // It was closed meanwhile.
        return [];
      }
    });
  } catch {
    // It ended meanwhile.
    return [];
  }
}

async function fromLsof(group: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('lsof', [
    '-nP',
    '-a',
    '-g',
    String(group),
    '-iTCP',
    '-sTCP:LISTEN',
    '-Fn',
  ]);
  return portsByLsof(stdout);
}

/** The ports of what `lsof -Fn` says, a field a line. */
export function portsByLsof(output: string): number[] {
  return [...output.matchAll(/^n.*:(\d+)$/gm)].map(([, port]) => Number(port));
}
