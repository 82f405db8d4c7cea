// Steps of a release that need no account: `npm run release STEP`, which the workflow calls, too.
import path from 'node:path';
import { run } from './programs';
import { ROOT } from './published-packages';
import { inspectArtefacts } from './inspection';
import { makeArtefacts } from './artefacts';
import { checkContents, writeContents } from './package-contents';
import { checkVersions, writePlaces } from './version-places';

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
const ZIZMOR = 'zizmor@1.32.0';

const STEPS: Readonly<Record<string, () => void | Promise<void>>> = {
  /** Makes everything that is published; `--strict` wants all toolchains. */
  make: () => makeArtefacts({ strict: process.argv.includes('--strict') }),
  /** Looks at what was made. */
  inspect: inspectArtefacts,
  /** Writes the list of what is packed. */
  contents: writeContents,
  /** Has release-please-config.json name each place of the version. */
  places: writePlaces,
  /** What has to hold in every change. */
  check: () => {
    checkContents();
    checkVersions();
    lintWorkflows();
  },
};

/**
 * Two programs: actionlint says what GitHub would not run; zizmor what others could make use of, such as an action that is
 * named by a tag, which its owner can move.
 */
function lintWorkflows(): void {
  console.log(`workflows: ${run('go', ['run', ACTIONLINT, '-no-color']) || 'no findings of actionlint'}`);
  const uvx = path.join(run('bash', [path.join(ROOT, 'scripts', 'uv.sh')]).trim(), 'uvx');
  console.log(`workflows: ${run(uvx, ['--quiet', ZIZMOR, '--offline', '--quiet', '.github'])}`.trim());
}

async function main(): Promise<void> {
  const [name = ''] = process.argv.slice(2);
  const step = STEPS[name];
  if (!step) {
    throw new Error(`\`${name}\` is no step of a release; these are: ${Object.keys(STEPS).join(', ')}`);
  }
  await step();
}

main().catch((error: unknown) => {
  const { message, stdout, stderr } = error as Error & { readonly stdout?: string; readonly stderr?: string };
  console.error([message, stdout, stderr].filter(Boolean).join('\n'));
  process.exitCode = 1;
});
