import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import type { TypeScriptCodeOptions } from '../../typescript-code-options';
import { assetFiles } from './asset-files';
import { constructError, refuse } from '../common/construct-error';
import { pathOf } from '../common/file-path';
import { PROGRAM_ENTRY, runEsbuild, type EsbuildResult, type EsbuildTask } from './esbuild';
import type { NodeEngine } from '../program/node-engines';
import { findInstalled, installNodeModules } from './node-modules';
import type { ProgramBundle } from '../program/program-bundle';
import type { ProgramFile } from '../program/program-files';
import { expectsServerKit, hasServerKit } from './server-kit';
import { unresolvedProblems } from '../common/unresolved';
import { unbundledBinaries, type UnbundledBinary } from './unbundled-binaries';

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy-node.html */
const INSTRUMENTATION = '@aws/aws-distro-opentelemetry-node-autoinstrumentation';

/**
 * Says that the program is CommonJS, wherever it is started: in the cloud assembly of a project of ES modules, the
 * package.json of the project would say that it is one of them.
 */
const MANIFEST: ProgramFile = { name: 'package.json', contents: Buffer.from('{"type":"commonjs"}\n') };

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * Bundles a TypeScript server, unless the CDK does not want this stack bundled (`cdk list`, or another stack is being
 * deployed).
 */
export function bundleTypeScript(scope: Construct, entry: string, options: TypeScriptCodeOptions): ProgramBundle {
  const { assets, externalModules, mainFields, nodeModules } = options;
  refuse(scope, [
    ...(Stack.of(scope).bundlingRequired ? entryProblems(entry) : unresolvedProblems({ entry })),
    ...unresolvedProblems({ assets, externalModules, mainFields, nodeModules }),
  ]);
  const given = path.dirname(path.resolve(entry));
  // Links are followed as esbuild follows them, else the paths in the source map depend on where the project lies.
  const folder = existsSync(given) ? realpathSync(given) : given;
  const program = { projectRoot: findProjectRoot(folder), entry: path.join(folder, path.basename(entry)) };
  return bundleNodeProgram(scope, program, {
    ...options,
    settings: settingsOf(options),
    assetFiles: () => assetFiles(scope, folder, assets ?? []),
  });
}

export interface NodeProgramOptions extends Pick<
  TypeScriptCodeOptions,
  'externalModules' | 'mainFields' | 'nodeModules' | 'telemetry'
> {
  readonly settings?: EsbuildTask['settings'];

  /** What travels along beside the program and its modules. */
  readonly assetFiles?: () => readonly ProgramFile[];
}

/** Bundles a program for Node.js, unless the CDK does not want this stack bundled. */
export function bundleNodeProgram(
  scope: Construct,
  program: Pick<EsbuildTask, 'projectRoot' | 'entry' | 'source'>,
  options: NodeProgramOptions,
): ProgramBundle {
  const {
    externalModules = [],
    mainFields,
    nodeModules = [],
    telemetry = false,
    settings,
    assetFiles: besides = () => [],
  } = options;
  const { projectRoot } = program;
  // One is made of sources of ours, which have the kit.
  const expectsKit = program.source !== undefined || expectsServerKit(program.entry, projectRoot);
  const bundle = { projectRoot, sendsSpans: telemetry, ...startOf(telemetry) };
  if (!Stack.of(scope).bundlingRequired) {
    return { ...bundle, files: [], engines: [], usesServerKit: expectsKit };
  }
  if (telemetry && findInstalled(INSTRUMENTATION, projectRoot) === undefined) {
    throw constructError(
      scope,
      `\`telemetry\` needs ${INSTRUMENTATION}, which is not installed (looked up from ${projectRoot}): run "npm install ${INSTRUMENTATION}" there`,
    );
  }
  const { result, binaries } = bundleOnce(scope, {
    ...program,
    external: [...externalModules, ...nodeModules],
    mainFields,
    settings,
  });
  const { files, warnings, options: esbuildOptions } = result;
  for (const warning of warnings) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:bundling', warning);
  }
  checkBinaries(scope, binaries);
  const modules = installNodeModules(scope, projectRoot, telemetry ? [...nodeModules, INSTRUMENTATION] : nodeModules);
  return {
    ...bundle,
    esbuildOptions,
    usesServerKit:
      expectsKit ||
      hasServerKit(
        files.find(({ name }) => name === PROGRAM_ENTRY),
        modules.files,
      ),
    files: [...files, MANIFEST, ...modules.files, ...besides()],
    engines: [...engineOf(projectRoot), ...modules.engines],
  };
}

/** A package that others use where it is there, and do without where it is not, is no reason to refuse them. */
function checkBinaries(scope: Construct, binaries: readonly UnbundledBinary[]): void {
  const missed = binaries.filter(({ optional }) => !optional);
  if (missed.length > 0) {
    throw constructError(scope, ...missed.map(({ problem }) => problem));
  }
  for (const { problem } of binaries) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:optionalBinary', problem);
  }
}

function settingsOf(options: TypeScriptCodeOptions): EsbuildTask['settings'] {
  const { minify, loader, define, alias, conditions, tsconfig } = options;
  return {
    minify,
    // esbuild says itself which loaders it has.
    loader: loader as NonNullable<EsbuildTask['settings']>['loader'],
    define,
    alias,
    conditions,
    tsconfig: tsconfig === undefined ? undefined : path.resolve(pathOf(tsconfig)),
  };
}

/** In either form, the instrumentation has to be there before the program imports what it instruments. */
function startOf(telemetry: boolean): Pick<ProgramBundle, 'zipStart' | 'imageStart'> {
  return {
    zipStart: {
      runtime: AgentCoreRuntime.NODE_22,
      entryPoint: telemetry ? ['opentelemetry-instrument', PROGRAM_ENTRY] : [PROGRAM_ENTRY],
    },
    imageStart: {
      baseImage: 'public.ecr.aws/docker/library/node:24-slim',
      entryPoint: telemetry
        ? ['node', '--require', `${INSTRUMENTATION}/register`, PROGRAM_ENTRY]
        : ['node', PROGRAM_ENTRY],
    },
  };
}

function engineOf(projectRoot: string): NodeEngine[] {
  const manifest = path.join(projectRoot, 'package.json');
  if (!existsSync(manifest)) {
    return [];
  }
  const { engines } = JSON.parse(readFileSync(manifest, 'utf8')) as { engines?: { node?: unknown } };
  return typeof engines?.node === 'string' ? [{ packageName: manifest, range: engines.node }] : [];
}

function entryProblems(entry: string): string[] {
  if (Token.isUnresolved(entry)) {
    return [
      '`entry` is an unresolved token; the server is bundled now, before the deployment: give a path on this machine',
    ];
  }
  const file = path.resolve(entry);
  if (!existsSync(file)) {
    return [
      `\`entry\` is ${JSON.stringify(entry)}, and there is no ${file}: give the path of the file that starts the server, ` +
        'relative to the folder that the CDK app runs in',
    ];
  }
  if (!statSync(file).isFile()) {
    return [`\`entry\` is ${JSON.stringify(entry)}, which is a folder: give the file in it that starts the server`];
  }
  if (!EXTENSIONS.includes(path.extname(file)) || /\.d\.[cm]?ts$/.test(file)) {
    return [
      `\`entry\` is ${JSON.stringify(entry)}; ${EXTENSIONS.join(', ')} are allowed, declarations (.d.ts) are not: give the source file that starts the server`,
    ];
  }
  return [];
}

/** The folder of the nearest package.json, up from where the entry lies. */
export function findProjectRoot(folder: string): string {
  for (let current = folder; ; current = path.dirname(current)) {
    if (existsSync(path.join(current, 'package.json'))) {
      return current;
    }
    if (current === path.dirname(current)) {
      return folder;
    }
  }
}

interface Remembered {
  readonly result: EsbuildResult;
  readonly binaries: readonly UnbundledBinary[];
  readonly inputs: ReadonlyMap<string, string>;
}

const remembered = new Map<string, Remembered>();

/** A process bundles the same task once, until one of the files that went into it changes. */
function bundleOnce(scope: Construct, task: EsbuildTask): Remembered {
  const key = JSON.stringify(task);
  const known = remembered.get(key);
  if (known !== undefined && [...known.inputs].every(([file, state]) => stateOf(file) === state)) {
    return known;
  }
  const result = runEsbuild(scope, task);
  const bundled = {
    result,
    binaries: unbundledBinaries(result.sources, task.projectRoot),
    inputs: new Map(result.sources.map(({ file }) => [file, stateOf(file)])),
  };
  remembered.set(key, bundled);
  return bundled;
}

function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 'missing' : `${stats.mtimeMs} ${stats.size}`;
}
