import { spawnSync } from 'node:child_process';
import type { BuildOptions, Message, Metafile } from 'esbuild';

/** What stands in the place of what is in a source. */
export interface Replacement {
  readonly contents: string;
  readonly loader: 'ts' | 'tsx';
}

/** What is read of a result of esbuild. */
export interface Built {
  readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile: Metafile;
  readonly warnings: readonly Message[];
}

type Answer = Omit<Built, 'outputFiles'> & {
  readonly outputFiles: readonly { readonly path: string; readonly contents: string }[];
};

/** esbuild takes plugins only where it need not wait for them: a process of its own waits. */
const PROGRAM = `
const { esbuild, options, replacements } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const replaced = {
  name: 'replaced',
  setup: build => build.onLoad({ filter: /\\.[cm]?tsx?$/, namespace: 'file' }, ({ path }) => replacements[path]),
};
require(esbuild).build({ ...options, plugins: [replaced] }).then(
  ({ outputFiles, metafile, warnings }) => ({ outputFiles: outputFiles.map(({ path, contents }) => ({ path, contents: Buffer.from(contents).toString('base64') })), metafile, warnings }),
  ({ message, errors }) => ({ message, errors }),
).then(result => process.stdout.write(JSON.stringify(result)));
`;

/** Bundles as `buildSync` does, with other contents for some sources, by their absolute paths. Throws what it throws. */
export function replacedBuild(
  esbuild: string,
  options: BuildOptions,
  replacements: ReadonlyMap<string, Replacement>,
): Built {
  const { error, stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM], {
    input: JSON.stringify({ esbuild, options, replacements: Object.fromEntries(replacements) }),
    encoding: 'utf8',
    maxBuffer: 1024 ** 3,
  });
  if (error !== undefined || stdout === '') {
    throw error ?? new Error(stderr);
  }
  const result = JSON.parse(stdout) as Answer | { readonly message: string; readonly errors?: readonly Message[] };
  if ('message' in result) {
    throw Object.assign(new Error(result.message), { errors: result.errors });
  }
  const outputFiles = result.outputFiles.map(({ path, contents }) => ({
    path,
    contents: Buffer.from(contents, 'base64'),
  }));
  return { ...result, outputFiles };
}
