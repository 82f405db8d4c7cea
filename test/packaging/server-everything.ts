import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { project } from '../lib/fixtures/projects';

const PACKAGE = '@modelcontextprotocol/server-everything';

/**
 * How somebody packages a server that is an npm package of others. It finds files of its own by `import.meta.url`, so
 * it is not bundled; and it listens on port 3001 unless `PORT` says otherwise.
 */
const SERVER = `process.env.PORT ??= '8000';\nvoid import('${PACKAGE}/dist/transports/streamableHttp.js');\n`;

export const SERVER_EVERYTHING_OPTIONS = { nodeModules: [PACKAGE] };

/** The entry of a project that has the package installed. */
export function serverEverything(): string {
  const root = project({ 'package.json': '{ "name": "everything", "private": true }', 'server.ts': SERVER });
  execFileSync('npm', ['install', '--save-exact', '--no-audit', '--no-fund', `${PACKAGE}@2026.8.31`], {
    cwd: root,
    stdio: 'pipe',
  });
  return path.join(root, 'server.ts');
}
