import { realpathSync } from 'node:fs';
import path from 'node:path';
import { Annotations, IgnoreStrategy, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { statsOf } from '../common/file-path';
import type { BundleCodeOptions } from '../../code/bundle-code-options';
import { refuse } from '../common/construct-error';
import { unresolvedProblems } from '../common/unresolved';
import { missingPackages, type MissingPackage } from '../esbuild/missing-packages';
import { nearest, readManifest } from '../modules/manifest';
import { foreignBinaries } from '../program/native-binaries';
import type { NodeEngine } from '../program/node-engines';
import type { ProgramBundle } from '../program/program-bundle';
import type { ProgramFile } from '../program/program-files';
import { expectsServerKit, hasServerKit } from './server-kit';
import { filesWithModules } from './stored-modules';
import { findProjectRoot, startOf } from './typescript-bundle';

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

const MANIFEST = 'package.json';

/** A synthesis writes it, and would find what the one before wrote. */
const CLOUD_ASSEMBLY = 'cdk.out';

/** Takes a server for Node.js as another tool has built it, unless the CDK does not want this stack bundled. */
export function builtBundle(
  scope: Construct,
  directory: string,
  entry: string,
  { exclude = [] }: BundleCodeOptions,
): ProgramBundle {
  refuse(scope, [...unresolvedProblems({ directory, entry, exclude }), ...entryProblems(entry)]);
  const program = path.posix.normalize(entry);
  const given = path.resolve(directory);
  const bundle = { sendsSpans: false, ...startOf({ entry: program, sourceMaps: true }) };
  if (!Stack.of(scope).bundlingRequired) {
    const usesServerKit = expectsServerKit(path.join(given, program), findProjectRoot(given));
    return { ...bundle, projectRoot: given, files: [], engines: [], usesServerKit };
  }
  refuse(scope, directoryProblems(directory, entry));
  const folder = realpathSync(given);
  const excluded = IgnoreStrategy.git(folder, exclude);
  const files = filesWithModules(
    folder,
    name => name.split('/').includes(CLOUD_ASSEMBLY) || excluded.ignores(path.join(folder, name)),
  );
  refuse(scope, [
    ...(files.some(({ name }) => name === program)
      ? []
      : [`\`exclude\` leaves out ${program}, which starts the server: let it in`]),
    ...foreignBinaries(files).map(
      binary =>
        `\`directory\` brings ${binary}; only binaries for Linux on arm64 are allowed: leave it out by \`exclude\`, or build it for that platform`,
    ),
  ]);
  for (const warning of missingWarnings(missingPackages(folder, program, files))) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:missingPackage', warning);
  }
  const { type, engines } = manifestOf(folder);
  return {
    ...bundle,
    projectRoot: folder,
    files: [...files, ...typeOf(files, type)],
    engines,
    usesServerKit:
      expectsServerKit(path.join(folder, program), findProjectRoot(folder)) ||
      files.some(file => isOwnProgram(file) && hasServerKit(file, [])) ||
      hasServerKit(undefined, files),
  };
}

/** One for each file: what was bundled may have the names of many packages in it that a library can use. */
function missingWarnings(missing: readonly MissingPackage[]): string[] {
  const importers = [...new Set(missing.map(({ importer }) => importer))].sort();
  return importers.map(importer => {
    const names = missing.filter(found => found.importer === importer).map(({ name }) => name);
    return (
      `${importer} imports ${names.join(', ')}, and \`directory\` does not have ${names.length === 1 ? 'it' : 'them'}: ` +
      'have the build bundle what it imports, or install that in a `node_modules` of `directory`, unless the server does without'
    );
  });
}

function isOwnProgram({ name }: ProgramFile): boolean {
  return EXTENSIONS.includes(path.extname(name)) && !/(?:^|\/)node_modules\//.test(name);
}

/** What the project says of the directory, or the directory itself. */
function manifestOf(folder: string): { type?: unknown; engines: NodeEngine[] } {
  const manifest = nearest(MANIFEST, folder);
  if (manifest === undefined) {
    return { engines: [] };
  }
  const { type, engines } = readManifest(manifest);
  return {
    type,
    engines: typeof engines?.node === 'string' ? [{ packageName: manifest, range: engines.node }] : [],
  };
}

/** Whether files are ES modules may be said above the directory: that has to travel along. */
function typeOf(files: readonly ProgramFile[], type: unknown): ProgramFile[] {
  return type === undefined || files.some(({ name }) => name === MANIFEST)
    ? []
    : [{ name: MANIFEST, contents: Buffer.from(`${JSON.stringify({ type })}\n`) }];
}

function entryProblems(entry: string): string[] {
  const normal = path.posix.normalize(entry);
  return !entry.includes('\\') &&
    !path.posix.isAbsolute(normal) &&
    !normal.startsWith('../') &&
    EXTENSIONS.includes(path.posix.extname(normal))
    ? []
    : [
        `\`entry\` is ${JSON.stringify(entry)}; ${EXTENSIONS.join(', ')} are allowed, in \`directory\` or in folders of it: give the path of the file that starts the server, relative to \`directory\`, as in "server/main.js"`,
      ];
}

function directoryProblems(directory: string, entry: string): string[] {
  const folder = path.resolve(directory);
  const stats = statsOf(folder);
  if (stats === undefined) {
    return [
      `\`directory\` is ${JSON.stringify(directory)}, and there is no ${folder}: build the server first, or give the folder that the build writes, relative to the folder that the CDK app runs in`,
    ];
  }
  if (!stats.isDirectory()) {
    return [
      `\`directory\` is ${JSON.stringify(directory)}, which is a file: give its folder, and name the file by \`entry\``,
    ];
  }
  const file = path.join(folder, entry);
  const program = statsOf(file);
  if (program === undefined) {
    return [
      `\`entry\` is ${JSON.stringify(entry)}, and there is no ${file}: build the server first, or give the path of the file that starts it, relative to \`directory\``,
    ];
  }
  if (!program.isFile()) {
    return [`\`entry\` is ${JSON.stringify(entry)}, which is a folder: give the file in it that starts the server`];
  }
  return program.size === 0
    ? [`\`entry\` is ${JSON.stringify(entry)}, which is empty: give the file that starts the server`]
    : [];
}
