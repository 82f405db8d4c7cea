// What both tests need of the machine: the versions of Node.js.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../scripts/release/published-packages';

const NODE = { 20: undefined, 22: '22.23.3', 24: '24.21.0' } as const;
export type Node = keyof typeof NODE;

/** The path with the Node.js of a version first; that of the tests has to be the oldest. */
export function environment(node: Node): NodeJS.ProcessEnv {
  const version = NODE[node];
  const first =
    version === undefined
      ? path.dirname(process.execPath)
      : execFileSync('bash', [path.join(ROOT, 'scripts', 'node-version.sh'), version], { encoding: 'utf8' }).trim();
  // What npm and jest tell the programs that they run is not for those that these run.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|NODE_ENV|JEST_)/i.test(name));
  return { ...Object.fromEntries(inherited), PATH: `${first}:${process.env.PATH}`, CI: 'true' };
}
