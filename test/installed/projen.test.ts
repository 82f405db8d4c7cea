// A project that projen makes of the packages as they would be published: built, which synthesizes and tests, and talked to.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { NpmRegistry } from '../../scripts/release/npm-registry';
import { manifestOf } from '../../scripts/release/published-packages';
import { environment } from './node-versions';

const run = promisify(execFile);

let registry: NpmRegistry;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'projen-'));
  registry = await NpmRegistry.open();
  await registry.publishAll(directory);
});

afterAll(async () => {
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

// Three installations' worth of packages, a build, and three conversations.
const TIMEOUT_MS = 900_000;

test(
  'projen new makes a project that is built, tested, synthesized and talked to',
  async () => {
    const project = path.join(directory, 'room-booking');
    mkdirSync(project);
    const execute = async (node: 20 | 22 | 24, ...args: string[]): Promise<string> => {
      const env = { ...environment(node), npm_config_userconfig: registry.userConfig, npm_config_yes: 'true', CI: '' };
      const { stdout } = await run('npx', args, { cwd: project, env, maxBuffer: 64 * 1024 * 1024 });
      return stdout;
    };
    const { devDependencies, version } = manifestOf('projen');
    const projen = `projen@${devDependencies?.projen}`;
    await execute(20, projen, 'new', '--from', `stateful-mcp-projen@${version}`, 'stateful-mcp-app', '--no-git');
    writeFileSync(path.join(project, 'answers.json'), JSON.stringify({ seating: 'dinner', guests: 2 }));
    // Its linter and its compiler are asked once; what is run is run on each Node.js.
    await execute(20, 'projen', 'build');
    for (const node of [20, 22, 24] as const) {
      rmSync(path.join(project, 'cdk.out'), { recursive: true, force: true });
      await execute(node, 'projen', 'synth:silent');
      expect(existsSync(path.join(project, 'cdk.out', 'manifest.json'))).toBe(true);
      await execute(node, '--call', 'node --import tsx --test server/*.test.ts');
      expect(await execute(node, 'projen', 'talk', 'book_table', '--answers', 'answers.json')).toContain(
        'Booked dinner',
      );
    }
  },
  TIMEOUT_MS,
);
