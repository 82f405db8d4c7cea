import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Construct } from 'constructs';
import { cachedFolder, recall, remember } from '../program/cache';
import { contentsOf, sha256Of, stateOf, type ProgramFile } from '../program/program-files';
import { esbuildOf, runEsbuild, type EsbuildTask, type EsbuildResult } from '../esbuild/esbuild';

export interface BundledProgram<Facts> {
  readonly facts: Facts;
  readonly files: readonly ProgramFile[];
}

interface Remembered<Facts> {
  readonly facts: Facts;

  /** The files and folders that decided about it, each with how it was. */
  readonly inputs: readonly (readonly [file: string, state: string])[];
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/** Where one of them has another one beside it or above, another file may be imported. */
const DECISIVE = ['package.json', 'tsconfig.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'node_modules'];

/**
 * Bundles a task, unless a synthesis before has done so and nothing has changed since that went into it.
 *
 * @param learn - finds out what else is to be known of the program
 */
export function bundleOnce<Facts>(
  scope: Construct,
  task: EsbuildTask & { readonly assets: readonly string[] },
  learn: (result: EsbuildResult) => Facts,
): BundledProgram<Facts> {
  const key = ['bundle', toolState(), esbuildOf(scope, task.projectRoot), task];
  const known = recall(key) as Remembered<Facts> | undefined;
  if (known?.inputs.every(([file, state]) => stateOf(file) === state) && isWhole(known)) {
    return { facts: known.facts, files: filesOf(known) };
  }
  const result = runEsbuild(scope, task);
  const facts = learn(result);
  const digests = result.files.map(file => ({ name: file.name, sha256: sha256Of(file) }));
  const folder = cachedFolder(['program', digests], target => {
    for (const file of result.files) {
      mkdirSync(path.dirname(path.join(target, file.name)), { recursive: true });
      writeFileSync(path.join(target, file.name), contentsOf(file));
    }
  });
  const inputs = [
    ...decisive(
      task,
      result.sources.map(({ file }) => file),
    ),
    ...result.inputs,
  ].map(file => [file, stateOf(file)] as const);
  const bundled = { facts, inputs, folder, files: digests };
  remember(key, bundled);
  return { facts, files: filesOf(bundled) };
}

function filesOf({ folder, files }: Remembered<unknown>): ProgramFile[] {
  return files.map(({ name, sha256 }) => ({ name, source: path.join(folder, name), sha256 }));
}

function isWhole({ folder, files }: Remembered<unknown>): boolean {
  return files.every(({ name }) => existsSync(path.join(folder, name)));
}

function decisive({ projectRoot, entry }: EsbuildTask, sources: readonly string[]): string[] {
  const files = new Set(sources);
  const folders = new Set(sources.map(file => path.dirname(file)));
  for (const folder of folders) {
    const own = !folder.split(path.sep).includes('node_modules') || folder.startsWith(path.dirname(entry));
    if (own) {
      // A new file in it may be the one that is imported from now on.
      files.add(folder);
    }
    for (let current = folder; current !== path.dirname(current); current = path.dirname(current)) {
      files.add(path.join(current, 'package.json'));
      if (own) {
        DECISIVE.forEach(name => files.add(path.join(current, name)));
      } else if (existsSync(path.join(current, 'package.json'))) {
        break;
      }
      if (current === projectRoot) {
        break;
      }
    }
  }
  for (let current = projectRoot; current !== path.dirname(current); current = path.dirname(current)) {
    DECISIVE.forEach(name => files.add(path.join(current, name)));
  }
  return [...files].sort();
}

let tool: string | undefined;

/** Another version of this package may make something else of the same sources. */
function toolState(): string {
  const folder = path.dirname(__dirname);
  tool ??= ['node', 'esbuild', 'program', 'modules']
    .flatMap(name => readdirSync(path.join(folder, name)).map(file => path.join(folder, name, file)))
    .map(stateOf)
    .join();
  return tool;
}
