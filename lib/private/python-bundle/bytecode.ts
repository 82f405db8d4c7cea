import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CommandError, runCommand } from '../common/command';
import { temporaryFolder } from '../common/temporary-folder';
import { cachedFolder, recall, remember } from '../program/cache';
import { digestOf, filesBelow, writeFiles, type ProgramFile } from '../program/program-files';
import { tellProgress } from '../common/progress';

/** An interpreter of some 30 MB may have to be downloaded. */
const INTERPRETER_LIMIT_MS = 120_000;

/** A download that failed is tried again after a day: without a network it takes uv several seconds to fail. */
const RETRY_MS = 24 * 3600_000;

/** Changes when equal sources are compiled in another way. */
const FORM = 1;

/** There is no interpreter to compile with. */
class NoInterpreter extends Error {}

/**
 * What Python makes of its sources, so that no session has to: the folders of the server are not to be written to, or
 * are new in each microVM. None where uv has no interpreter of the version; a line says so.
 *
 * It is made of the sources alone, and therefore does not count in the hash of the asset: whoever deploys without an
 * interpreter has the same server, which starts later.
 *
 * @see https://docs.python.org/3/library/compileall.html
 */
export function bytecodeOf(scope: Construct, files: readonly ProgramFile[], version: string): ProgramFile[] {
  const sources = files.filter(({ name }) => name.endsWith('.py') && !name.startsWith('bin/'));
  if (sources.length === 0) {
    return [];
  }
  try {
    const inputs = ['bytecode', FORM, version, digestOf(sources)];
    const folder = cachedFolder(inputs, into => compile(scope, sources, version, into));
    return filesBelow(folder).map(file => ({ ...file, derived: true }));
  } catch (error) {
    if (!(error instanceof NoInterpreter)) {
      throw error;
    }
    Annotations.of(scope).addInfoV2(
      'cdk-stateful-mcp:withoutBytecode',
      `the server is bundled without bytecode, and starts later by the time that Python needs to compile it, since there is no Python ${version} here to make it: "uv python install ${version}"`,
    );
    return [];
  }
}

function compile(scope: Construct, sources: readonly ProgramFile[], version: string, into: string): void {
  const folder = temporaryFolder();
  const interpreter = interpreterOf(version, folder);
  const copy = path.join(folder, 'sources');
  mkdirSync(copy);
  writeFiles(copy, sources);
  tellProgress(scope, `bytecode of Python ${version}: ${sources.length} files are compiled`);
  try {
    // Not in parallel: what is in a file depends on what the process has compiled before.
    runCommand(
      interpreter,
      ['-s', '-S', '-m', 'compileall', '-q', '-f', '-s', copy, '--invalidation-mode', 'unchecked-hash', copy],
      // Sets are written in the order of their hashes by Python 3.10.
      { cwd: folder, env: { PATH: process.env.PATH, PYTHONHASHSEED: '0' } },
    );
  } catch (error) {
    // Packages have files that cannot be compiled, such as templates: they are none that is imported.
    if (!(error instanceof CommandError) || error.missing) {
      throw error;
    }
  }
  const compiled = filesBelow(copy).filter(({ name }) => /(?:^|\/)__pycache__\/[^/]+\.pyc$/.test(name));
  writeFiles(into, compiled);
}

/** The path of a Python of the version: of this machine, or one that uv downloads, unless it is told not to. */
function interpreterOf(version: string, folder: string): string {
  const request = `cpython@${version}`;
  // What is asked for is no environment, such as that of the app.
  const env = { ...process.env, VIRTUAL_ENV: undefined };
  const asked = (args: readonly string[], timeoutMs?: number): string | undefined => {
    try {
      return runCommand('uv', args, { cwd: folder, env, timeoutMs }).trim() || undefined;
    } catch (error) {
      if (error instanceof CommandError) {
        return undefined;
      }
      throw error;
    }
  };
  const found = asked(['python', 'find', '--no-project', '--system', request]);
  if (found !== undefined) {
    return found;
  }
  const failure = ['no interpreter', request];
  const failedAt = recall(failure);
  if (typeof failedAt !== 'number' || Date.now() - failedAt > RETRY_MS) {
    const program = 'import sys; print(sys.executable)';
    const run = ['run', '--quiet', '--no-project', '--managed-python', '--python', request, 'python', '-c', program];
    const downloaded = asked(run, INTERPRETER_LIMIT_MS);
    if (downloaded !== undefined) {
      return downloaded;
    }
    remember(failure, Date.now());
  }
  throw new NoInterpreter();
}
