import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import type { TypeScriptCodeOptions } from '../../code/typescript-code-options';
import { assetFiles } from './asset-files';
import { CommandHooks } from './command-hooks';
import { constructError, refuse } from '../common/construct-error';
import { pathOf, statsOf } from '../common/file-path';
import { esbuildFlagProblems, esbuildOptionsOf } from '../esbuild/esbuild-flags';
import { PROGRAM_ENTRY, type EsbuildResult, type EsbuildTask } from '../esbuild/esbuild';
import type { NodeEngine } from '../program/node-engines';
import { findInstalled, installAdvice, readManifest } from '../modules/manifest';
import { installNodeModules } from '../modules/node-modules';
import { loadedByNameProblems } from './loaded-by-name';
import { ownFileProblems } from './own-files';
import { leftOutWarnings, requireProblems } from './required-modules';
import { bundleOnce } from './program-cache';
import type { ProgramBundle } from '../program/program-bundle';
import type { ProgramFile } from '../program/program-files';
import { NODE_OPTIONS_VARIABLE } from '../program/program-environment';
import { expectsServerKit, hasServerKit } from './server-kit';
import { unresolvedProblems } from '../common/unresolved';
import { unbundledBinaries, type UnbundledBinary } from '../esbuild/unbundled-binaries';

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy-node.html */
const INSTRUMENTATION = '@aws/aws-distro-opentelemetry-node-autoinstrumentation';

/** https://nodejs.org/api/cli.html#--enable-source-maps */
const SOURCE_MAPS_FLAG = '--enable-source-maps';

/**
 * Says that the program is CommonJS, wherever it is started. In the cloud assembly of a project of ES modules, the
 * package.json of the project would say that it is one of them.
 */
const MANIFEST: ProgramFile = { name: 'package.json', contents: Buffer.from('{"type":"commonjs"}\n') };

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * Bundles a TypeScript server, unless the CDK does not want this stack bundled (`cdk list`, or another stack is being
 * deployed).
 */
export function bundleTypeScript(scope: Construct, entry: string, options: TypeScriptCodeOptions): ProgramBundle {
  const { assets, externalModules, mainFields, nodeModules, loader, define, alias, conditions, esbuildArgs } = options;
  const tsconfig = options.tsconfig === undefined ? undefined : pathOf(options.tsconfig);
  refuse(scope, [
    ...(Stack.of(scope).bundlingRequired ? entryProblems(entry) : unresolvedProblems({ entry })),
    ...unresolvedProblems({ assets, externalModules, mainFields, nodeModules }),
    ...unresolvedProblems({ loader, define, alias, conditions, tsconfig, esbuildArgs }),
    ...(Stack.of(scope).bundlingRequired ? tsconfigProblems(tsconfig) : []),
    ...esbuildFlagProblems(esbuildArgs ?? {}),
  ]);
  const given = path.dirname(path.resolve(entry));
  // Links are followed as esbuild follows them, else the paths in the source map depend on where the project lies.
  const folder = existsSync(given) ? realpathSync(given) : given;
  const program = { projectRoot: findProjectRoot(folder), entry: path.join(folder, path.basename(entry)) };
  return bundleNodeProgram(scope, program, {
    ...options,
    settings: settingsOf(options),
    assets: assets ?? [],
    assetFiles: () => assetFiles(scope, folder, assets ?? []),
  });
}

export interface NodeProgramOptions extends Pick<
  TypeScriptCodeOptions,
  'externalModules' | 'mainFields' | 'nodeModules' | 'telemetry' | 'commandHooks'
> {
  /** What the user says to esbuild itself. */
  readonly settings?: EsbuildTask['settings'];

  /** What the user has named of what travels along. */
  readonly assets?: readonly string[];

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
    assets = [],
    assetFiles: besides = () => [],
    commandHooks,
  } = options;
  const { projectRoot } = program;
  // One is made of sources of ours, which have the kit.
  const expectsKit = program.source !== undefined || expectsServerKit(program.entry, projectRoot);
  // What `fromStdio` starts is a few lines of ours, which need no source map.
  const bundle = {
    projectRoot,
    sendsSpans: telemetry,
    ...startOf({ telemetry, sourceMaps: program.source === undefined }),
  };
  if (!Stack.of(scope).bundlingRequired) {
    return { ...bundle, files: [], engines: [], usesServerKit: expectsKit };
  }
  if (telemetry && findInstalled(INSTRUMENTATION, projectRoot) === undefined) {
    throw constructError(
      scope,
      `\`telemetry\` needs ${INSTRUMENTATION}, which is not installed (looked up from ${projectRoot}): ${installAdvice(INSTRUMENTATION, projectRoot)}`,
    );
  }
  const hooks = commandHooks && new CommandHooks(scope, commandHooks, projectRoot);
  hooks?.run('beforeBundling');
  const task = { ...program, external: [...externalModules, ...nodeModules], mainFields, assets, settings };
  const { facts, files } = bundleOnce(scope, task, result => learn(result, task));
  for (const warning of facts.warnings) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:bundling', warning);
  }
  for (const warning of facts.ownFiles) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:ownFiles', warning);
  }
  checkBinaries(scope, facts.binaries);
  const modulesWanted = telemetry ? [...nodeModules, INSTRUMENTATION] : nodeModules;
  if (modulesWanted.length > 0) {
    hooks?.run('beforeInstall');
  }
  const modules = installNodeModules(scope, projectRoot, modulesWanted, {
    external: externalModules,
    subject: program.source === undefined ? undefined : 'modules of `packageName`',
  });
  checkModules(scope, facts.modules, { ...task, nodeModules });
  const whole = [...files, MANIFEST, ...modules.files, ...besides()];
  return {
    ...bundle,
    // What hooks do, nobody else can do again.
    esbuildOptions: hooks === undefined ? facts.options : undefined,
    usesServerKit: expectsKit || facts.usesServerKit || hasServerKit(undefined, modules.files),
    files: hooks === undefined ? whole : hooks.finish(whole),
    engines: [...engineOf(projectRoot), ...modules.engines],
  };
}

/** What is to be known of a program, as JSON can have it. */
function learn(result: EsbuildResult, task: EsbuildTask & { readonly assets: readonly string[] }): ProgramFacts {
  return {
    options: result.options,
    warnings: result.warnings,
    ownFiles: [...ownFileProblems(result, task), ...loadedByNameProblems(result, task)],
    binaries: unbundledBinaries(result.sources, task.projectRoot),
    modules: result.modules,
    usesServerKit: hasServerKit(
      result.files.find(({ name }) => name === PROGRAM_ENTRY),
      [],
    ),
  };
}

interface ProgramFacts extends Pick<EsbuildResult, 'options' | 'warnings' | 'modules'> {
  readonly ownFiles: readonly string[];
  readonly binaries: readonly UnbundledBinary[];
  readonly usesServerKit: boolean;
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

function checkModules(
  scope: Construct,
  modules: EsbuildResult['modules'],
  task: Pick<EsbuildTask, 'projectRoot'> & { readonly nodeModules: readonly string[] },
): void {
  refuse(scope, requireProblems(modules, task));
  for (const warning of leftOutWarnings(modules, task)) {
    Annotations.of(scope).addWarningV2('cdk-stateful-mcp:externalModule', warning);
  }
}

function settingsOf(options: TypeScriptCodeOptions): EsbuildTask['settings'] {
  const { minify, loader, define, alias, conditions, tsconfig, esbuildArgs = {} } = options;
  return {
    ...esbuildOptionsOf(esbuildArgs),
    minify,
    // esbuild says itself which loaders it has.
    loader: loader as NonNullable<EsbuildTask['settings']>['loader'],
    define,
    alias,
    conditions,
    tsconfig: tsconfig === undefined ? undefined : path.resolve(pathOf(tsconfig)),
  };
}

export interface NodeStart {
  readonly telemetry?: boolean;

  /** Whether stack traces name the lines of the sources. */
  readonly sourceMaps: boolean;
  readonly entry?: string;
}

/**
 * In either form, the instrumentation has to be there before the program imports what it instruments. A zip file takes
 * no flags of Node.js, so that they are in a variable.
 */
export function startOf({
  telemetry = false,
  sourceMaps,
  entry = PROGRAM_ENTRY,
}: NodeStart): Pick<ProgramBundle, 'zipStart' | 'imageStart'> {
  return {
    zipStart: {
      runtime: AgentCoreRuntime.NODE_22,
      entryPoint: telemetry ? ['opentelemetry-instrument', entry] : [entry],
      environment: sourceMaps ? { [NODE_OPTIONS_VARIABLE]: SOURCE_MAPS_FLAG } : undefined,
    },
    imageStart: {
      baseImage: 'public.ecr.aws/docker/library/node:24-slim',
      entryPoint: [
        'node',
        ...(sourceMaps ? [SOURCE_MAPS_FLAG] : []),
        ...(telemetry ? ['--require', `${INSTRUMENTATION}/register`] : []),
        entry,
      ],
    },
  };
}

function engineOf(projectRoot: string): NodeEngine[] {
  const manifest = path.join(projectRoot, 'package.json');
  if (!existsSync(manifest)) {
    return [];
  }
  const { engines } = readManifest(manifest);
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

function tsconfigProblems(tsconfig: string | undefined): string[] {
  if (tsconfig === undefined || Token.isUnresolved(tsconfig)) {
    return [];
  }
  const stats = statsOf(path.resolve(tsconfig));
  return stats?.isFile() === true
    ? []
    : [
        `\`tsconfig\` is ${JSON.stringify(tsconfig)}, ${stats === undefined ? `and there is no ${path.resolve(tsconfig)}` : 'which is a folder'}: ` +
          'give the path of the file, relative to the folder that the CDK app runs in, or leave it out',
      ];
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
