// `npm run bench` runs every benchmark of this list, and those against programs of others, which can be had apart, too:
// `bench:peers` and `bench:image`. `npm run bench -- tool-call synth` runs those named.
import { execFileSync, spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { benchCommandStart } from './command-start';
import { benchReleaseCheck } from './release-check';
import { benchServerKit } from './server-kit';
import { benchSessionStart } from './session-start';
import { benchEquippedSynth, benchSecondSynth, benchSynth } from './synth';
import { benchToolCall } from './tool-call';

const numbers = process.argv.slice(2).map(Number).filter(Number.isInteger);

const benches: Readonly<Record<string, () => void | Promise<void>>> = {
  'tool-call': benchToolCall,
  'session-start': benchSessionStart,
  'command-start': benchCommandStart,
  'server-kit': benchServerKit,
  synth: benchSynth,
  'equipped-synth': () => benchEquippedSynth(numbers),
  'second-synth': benchSecondSynth,
  'release-check': benchReleaseCheck,
  peers: () => {
    runScript('bench:peers');
  },
  image: benchImage,
};

const asked = process.argv.slice(2).filter(argument => !Number.isInteger(Number(argument)));
const unknown = asked.filter(name => !(name in benches));
if (unknown.length > 0) {
  console.error(`no benchmark named ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

console.log(
  `Node ${process.version}, ${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), ${new Date().toISOString().slice(0, 10)}`,
);
void runAll();

async function runAll(): Promise<void> {
  for (const [name, run] of Object.entries(benches)) {
    if (asked.length === 0 || asked.includes(name)) {
      await run();
    }
  }
}

/** What it lacks is installed for the whole machine, which nobody wants who has not asked for it. */
function benchImage(): void {
  const missing = execFileSync('bash', [path.join(__dirname, '../scripts/image-tools.sh'), '--missing', 'buildah'], {
    encoding: 'utf8',
  }).trim();
  if (missing !== '' && !asked.includes('image')) {
    console.log(
      `\nLEFT OUT: image, which needs ${missing}; \`npm run bench:image\` installs what is missing (Debian or Ubuntu, as root)`,
    );
    return;
  }
  runScript('bench:image');
}

function runScript(name: string): void {
  console.log(`\n## npm run ${name}\n`);
  const { status } = spawnSync('npm', ['run', '--silent', name], { stdio: 'inherit' });
  if (status !== 0) {
    process.exitCode = status ?? 1;
  }
}
