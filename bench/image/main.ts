// `npm run bench:image`: the same image, built and pushed by the assembler, by containerify and by buildah, and the
// bytes of it copied plainly.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundledExpenseTracker, zipped } from '../../test/image/containers/application';
import { pushBaseImage } from '../../test/image/containers/base-image';
import { endAll } from '../../test/image/assembly/disposal';
import { Podman } from '../../test/image/containers/podman';
import { startRegistry } from '../../test/image/registries/registry';
import { bundleFixture } from '../bundle-fixture';
import { startCountingProxy, type CountingProxy } from './counting-proxy';
import { measured, type MeasuredRun } from './measured-program';
import { startAssembler, type StandingAssembler } from './standing-assembler';

const ROUNDS = 9;
const COPY = 'plain stream copy';
const CONTAINERIFY = 'containerify@4.1.0';
const BUILDAH = 'buildah';
const root = path.join(__dirname, '../..');

interface Place {
  readonly folder: string;
  readonly base: CountingProxy;
  readonly target: CountingProxy;
}

interface Application {
  readonly folder: string;
  readonly zip: string;
}

/** One way to bring an image into a repository. */
interface Tool {
  readonly name: string;
  /** The only table it appears in, where it is not in both. */
  readonly table?: 'first' | 'changed';
  /** @param state - a folder that is empty the first time, and kept for the next image of the same repository */
  readonly push: (repository: string, application: Application, state: string) => Promise<MeasuredRun>;
}

interface Sample extends MeasuredRun {
  readonly wireBytes: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-image-'));
  try {
    const [baseRegistry, targetRegistry] = [await startRegistry(), await startRegistry()];
    await pushBaseImage(new Podman(), `${baseRegistry.host}/node:22`, ['amd64', 'arm64']);
    const place = {
      folder,
      base: await startCountingProxy(baseRegistry.host),
      target: await startCountingProxy(targetRegistry.host),
    };
    const standing = await startAssembler(bundleFixture('assembling-process.ts'));
    await compare(await tools(place, standing), place);
    await standing.end();
    place.base.close();
    place.target.close();
  } finally {
    await endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tools(place: Place, standing: StandingAssembler): Promise<readonly Tool[]> {
  const assemble = bundleFixture('assemble-image.ts');
  const assemblingProcess = bundleFixture('assembling-process.ts');
  const base = `${place.base.host}/node:22`;
  // containerify needs Node.js 22.
  const node = path.join(
    execFileSync('bash', ['scripts/node-version.sh', '22.23.3'], { cwd: root, encoding: 'utf8' }).trim(),
    'node',
  );
  const containerify = await installContainerify(path.join(place.folder, 'containerify'));
  return [
    {
      name: COPY,
      table: 'first',
      push: (repository, { zip }) =>
        measured(process.execPath, [
          path.join(root, 'bench/fixtures/copy-image.mjs'),
          `http://${place.base.host}/v2/node:22`,
          `http://${place.target.host}/v2/${repository}`,
          zip,
        ]),
    },
    { name: 'an empty Node.js process', table: 'changed', push: () => measured(process.execPath, ['--eval', '']) },
    {
      name: 'this assembler, whole process',
      push: (repository, { zip }) =>
        measured(process.execPath, [assemble, base, `${place.target.host}/${repository}`, zip]),
    },
    {
      name: 'this assembler, first image of a process that is up',
      push: async (repository, { zip }) => {
        const assembler = await startAssembler(assemblingProcess);
        const run = await assembler.assemble(base, `${place.target.host}/${repository}`, zip);
        await assembler.end();
        return run;
      },
    },
    {
      name: 'this assembler, further image of a process that is up',
      push: (repository, { zip }) => standing.assemble(base, `${place.target.host}/${repository}`, zip),
    },
    {
      name: CONTAINERIFY,
      push: (repository, application, state) =>
        measured(node, [
          containerify,
          '--fromRegistry',
          `http://${place.base.host}/v2/`,
          '--fromImage',
          'node:22',
          '--toRegistry',
          `http://${place.target.host}/v2/`,
          '--toImage',
          `${repository}:latest`,
          '--platform',
          'linux/arm64',
          '--folder',
          application.folder,
          '--customContent',
          'index.js',
          '--entrypoint',
          'node index.js',
          '--workdir',
          '/app',
          '--user',
          '1000',
          '--setTimeStamp',
          '1970-01-01T00:00:00Z',
          '--layerCacheFolder',
          state,
          '--allowNoPushAuth',
          '--allowInsecureRegistries',
        ]),
    },
    {
      name: BUILDAH,
      push: (repository, application, state) =>
        buildah(base, `${place.target.host}/${repository}:latest`, application, state),
    },
  ];
}

async function installContainerify(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  await measured('npm', ['install', '--no-audit', '--no-fund', CONTAINERIFY], folder);
  return path.join(folder, 'node_modules/containerify/lib/cli.js');
}

/** One Containerfile, built without running anything in it, and pushed. */
async function buildah(base: string, target: string, { folder }: Application, state: string): Promise<MeasuredRun> {
  writeFileSync(
    path.join(folder, 'Containerfile'),
    `FROM ${base}\nCOPY index.js /app/index.js\nUSER 1000\nWORKDIR /app\nENTRYPOINT ["node", "index.js"]\n`,
  );
  const storage = ['--root', path.join(state, 'root'), '--runroot', path.join(state, 'run')];
  const build = await measured('buildah', [
    ...storage,
    'build',
    '--quiet',
    '--arch',
    'arm64',
    '--tls-verify=false',
    '--isolation',
    'chroot',
    '--layers',
    '--tag',
    target,
    folder,
  ]);
  const push = await measured('buildah', [...storage, 'push', '--quiet', '--tls-verify=false', target]);
  return {
    milliseconds: build.milliseconds + push.milliseconds,
    peakMemoryBytes: Math.max(build.peakMemoryBytes, push.peakMemoryBytes),
  };
}

async function compare(all: readonly Tool[], place: Place): Promise<void> {
  const tables = { first: new Map<string, Sample[]>(), changed: new Map<string, Sample[]>() };
  for (let round = 0; round < ROUNDS; round++) {
    const applications = {
      first: await application(place, `${round}-before`, round),
      changed: await application(place, `${round}-after`, round + 0.5),
    };
    for (const [index, tool] of all.entries()) {
      const state = path.join(place.folder, `state-${index}-${round}`);
      mkdirSync(state);
      for (const table of ['first', 'changed'] as const) {
        if (tool.table !== undefined && tool.table !== table) {
          continue;
        }
        const samples = tables[table].get(tool.name) ?? [];
        tables[table].set(tool.name, [
          ...samples,
          await sample(place, () => tool.push(`tool${index}/round${round}`, applications[table], state)),
        ]);
      }
    }
  }
  print('First push of an image on a base of 47 MB', tables.first, [COPY], 'at most 1.2x the plain stream copy');
  print(
    'After a change of one line',
    tables.changed,
    [CONTAINERIFY, BUILDAH],
    `at most 0.5x ${CONTAINERIFY} and at most 0.1x buildah; peak memory of the assembler at most 200 MB`,
  );
}

async function application({ folder }: Place, name: string, value: number): Promise<Application> {
  const files = bundledExpenseTracker(`console.error(${value});`);
  const own = path.join(folder, name);
  mkdirSync(own);
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(path.join(own, file), content);
  }
  writeFileSync(path.join(own, 'package.json'), '{ "name": "expenses" }');
  const zip = path.join(folder, `${name}.zip`);
  writeFileSync(zip, (await zipped({ 'index.js': files['index.js'] ?? '' })).archive);
  return { folder: own, zip };
}

async function sample({ base, target }: Place, run: () => Promise<MeasuredRun>): Promise<Sample> {
  base.take();
  target.take();
  const result = await run();
  return { ...result, wireBytes: base.take() + target.take() };
}

function print(
  title: string,
  samples: ReadonlyMap<string, readonly Sample[]>,
  references: readonly string[],
  target: string,
): void {
  const ratioTitles = references.map(name => `ratio to ${name}, pair by pair`).join(' | ');
  console.log(
    `\n### ${title}\n\n| ${ROUNDS} samples each, in turn | median ms | min | max | ${ratioTitles} | MB on the wire | peak memory, MB |`,
  );
  console.log(`|---|---:|---:|---:|${'---|'.repeat(references.length)}---:|---:|`);
  for (const [name, own] of samples) {
    const times = own.map(({ milliseconds }) => milliseconds);
    const row = [
      name,
      median(times).toFixed(0),
      Math.min(...times).toFixed(0),
      Math.max(...times).toFixed(0),
      ...references.map(reference => ratio(own, samples.get(reference) ?? [])),
      megabytes(median(own.map(({ wireBytes }) => wireBytes)), 2),
      megabytes(Math.max(...own.map(({ peakMemoryBytes }) => peakMemoryBytes)), 0),
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
  console.log(`\nTarget: ${target}`);
}

function ratio(own: readonly Sample[], reference: readonly Sample[]): string {
  const ratios = own.map(({ milliseconds }, index) => milliseconds / (reference[index]?.milliseconds ?? Number.NaN));
  return `${median(ratios).toFixed(2)}x (${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)})`;
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function megabytes(bytes: number, digits: number): string {
  return (bytes / 1e6).toFixed(digits);
}

console.log(
  `Node ${process.version}, ${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), ${new Date().toISOString().slice(0, 10)}`,
);
void main();
