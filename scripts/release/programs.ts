import { execFileSync } from 'node:child_process';
import { ROOT } from './published-packages';

/** Runs a program in the repository, or where it is said; what it prints. What it complains of is shown if it fails. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): string {
  return execFileSync(program, args, {
    cwd,
    env: {
      ...process.env,
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.replace(/\..*/, ''),
      ...env,
    },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}

export function isInstalled(program: string): boolean {
  try {
    run(program, ['--version']);
    return true;
  } catch {
    return false;
  }
}
