import { PROGRAM_METADATA_KEY } from 'stateful-mcp-contract';
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { AssemblyStage } from './cloud-assembly';
import { codeStart, entryFileOf, holdsEntry, PYTHON_ENVIRONMENT, TRACING_WRAPPER } from '../process/code-start';
import { LocalRuntimeError } from '../common/errors';
import { foreignBinary } from '../machine/foreign-binaries';
import { pythonInterpreter } from '../process/python-interpreter';
import { UnsupportedArtifact } from './left-out-runtime';
import { canInstallWheels } from './local-wheels';
import { initializationTimeExceeded } from '../platform/platform-errors';
import { CONTAINER_START_LIMIT_MS, ZIP_START_LIMIT_MS } from '../model/runtime-definition';

/** `AgentRuntimeArtifact` of a runtime in a template, evaluated. */
export interface Artifact {
  readonly CodeConfiguration?: {
    readonly Runtime?: string;
    readonly EntryPoint?: readonly string[];
    readonly Code?: { readonly S3?: { readonly Prefix?: string } };
  };
}

/** What starts a server here. */
export interface ArtifactCode {
  readonly command: readonly [string, ...string[]];
  readonly image: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly startLimitMs: number;
  /** What differs from AgentCore, for the log. */
  readonly notes: readonly string[];
  /** Whether its packages have to be exchanged for those of this machine. */
  readonly needsLocalWheels?: boolean;
}

interface ProgramMetadata {
  readonly assetObjectKey: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly baseImage?: string;
}

const TRACING_MODULE = /^@aws\/aws-distro-opentelemetry-[\w-]+\/register$/;

export interface ArtifactSource {
  readonly artifact: () => Artifact;
  /** Of the runtime, in its template. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly stage: AssemblyStage;
}

/**
 * The program of a zip file, or of an image that was made of a program.
 *
 * @throws UnsupportedArtifact when it cannot run here
 * @throws LocalRuntimeError when the assembly is not what it should be
 */
export function artifactCode(name: string, { artifact, metadata, stage }: ArtifactSource): ArtifactCode {
  const program = metadata[PROGRAM_METADATA_KEY] as ProgramMetadata | undefined;
  if (program) {
    return programCode(name, program, stage);
  }
  const { CodeConfiguration: zip } = artifact();
  if (zip) {
    return zipCode(name, zip, stage);
  }
  throw new UnsupportedArtifact('image', 'is a container image');
}

function zipCode(name: string, zip: NonNullable<Artifact['CodeConfiguration']>, stage: AssemblyStage): ArtifactCode {
  const directory = assetDirectory(name, zip.Code?.S3?.Prefix ?? '', stage);
  const { entry, isTraced } = entryFileOf(zip.EntryPoint ?? []);
  requireEntry({ name, directory, entry, shown: 'its `EntryPoint`', startLimitMs: ZIP_START_LIMIT_MS });
  const language = zip.Runtime ?? '';
  const start = codeStart(language, entry);
  if (!start) {
    throw new UnsupportedArtifact(
      'artifact',
      `has the language runtime ${language}, for which no interpreter is known here`,
    );
  }
  const needsLocalWheels = bringsForeignWheels(directory, start.command);
  const python = pythonOf(start.command, /^PYTHON_(\d+)_(\d+)$/.exec(language));
  return {
    ...start,
    ...python,
    needsLocalWheels,
    image: undefined,
    cwd: directory,
    startLimitMs: ZIP_START_LIMIT_MS,
    notes: [...(isTraced ? [withoutTracing(TRACING_WRAPPER)] : []), ...nodeVersionNote(language), ...python.notes],
  };
}

function programCode(name: string, program: ProgramMetadata, stage: AssemblyStage): ArtifactCode {
  const directory = assetDirectory(name, program.assetObjectKey, stage);
  const [interpreter = '', ...parameters] = program.command;
  const preload = parameters.findIndex(
    (parameter, index) => parameter === '--require' && TRACING_MODULE.test(parameters[index + 1] ?? ''),
  );
  const notes = preload === -1 ? [] : [withoutTracing(parameters[preload + 1] ?? '')];
  const started = parameters.filter((_, index) => preload === -1 || index < preload || index > preload + 1);
  const entry = started.find(parameter => !parameter.startsWith('-')) ?? '';
  requireEntry({ name, directory, entry, shown: 'its program', startLimitMs: CONTAINER_START_LIMIT_MS });
  // The Node.js that runs this is the one that a laptop is sure to have.
  const command = [interpreter === 'node' ? process.execPath : interpreter, ...started] as const;
  const needsLocalWheels = bringsForeignWheels(directory, command);
  const python = pythonOf(command, /(?:^|\/)python:(\d+)\.(\d+)/.exec(program.baseImage ?? ''));
  return {
    command: python.command,
    needsLocalWheels,
    image: undefined,
    cwd: directory,
    environment: { ...(interpreter.startsWith('python') && PYTHON_ENVIRONMENT), ...program.environment },
    startLimitMs: CONTAINER_START_LIMIT_MS,
    notes: [...notes, ...python.notes],
  };
}

function assetDirectory(name: string, objectKey: string, stage: AssemblyStage): string {
  const asset = stage.fileAssets.find(candidate => candidate.objectKey === objectKey);
  if (!asset) {
    throw new UnsupportedArtifact(
      'artifact',
      `has its code in the S3 object ${objectKey}, which is not an asset of the assembly`,
    );
  }
  if (!existsSync(asset.path)) {
    throw new LocalRuntimeError(
      'ERR_ASSEMBLY_INVALID',
      `runtime \`${name}\`: its asset ${asset.path} does not exist; synthesize the \`assembly\` again`,
    );
  }
  if (asset.packaging !== 'zip' || !statSync(asset.path).isDirectory()) {
    throw new UnsupportedArtifact(
      'artifact',
      `has the zip file ${asset.path} as its asset, and only a directory runs here`,
    );
  }
  return asset.path;
}

/** @throws UnsupportedArtifact for binaries that cannot be exchanged */
function bringsForeignWheels(directory: string, command: readonly string[]): boolean {
  const binary = foreignBinary(directory);
  if (binary === undefined) {
    return false;
  }
  const isPython = command[0]?.startsWith('python') === true;
  if (isPython && canInstallWheels()) {
    return true;
  }
  const remedy = isPython
    ? '; with uv installed (https://docs.astral.sh/uv/) it runs with the same versions of its packages for this machine'
    : '';
  throw new UnsupportedArtifact(
    'binary',
    `brings ${binary.file} for ${binary.platform}, which cannot run on ${process.platform}/${process.arch}${remedy}`,
    command,
  );
}

interface Entry {
  readonly name: string;
  readonly directory: string;
  readonly entry: string;
  readonly shown: string;
  readonly startLimitMs: number;
}

function requireEntry({ name, directory, entry, shown, startLimitMs }: Entry): void {
  if (holdsEntry(directory, entry)) {
    return;
  }
  const content = readdirSync(directory).sort().slice(0, 20).join(', ') || 'nothing';
  throw new LocalRuntimeError(
    'ERR_ENTRY_NOT_FOUND',
    `runtime \`${name}\`: ${shown} ${JSON.stringify(entry)} is not in its asset ${directory}, which holds ${content}\n` +
      `on AgentCore its caller would get: ${initializationTimeExceeded(startLimitMs)}`,
  );
}

/** The command with the Python that is of the version of AgentCore, if this machine has one. */
function pythonOf(
  command: ArtifactCode['command'],
  version: RegExpExecArray | null,
): Pick<ArtifactCode, 'command' | 'notes'> {
  const [program, ...rest] = command;
  if (program !== 'python3') {
    return { command, notes: [] };
  }
  const [, major, minor] = version ?? [];
  const interpreter = pythonInterpreter(version === null ? undefined : `${major}.${minor}`);
  return { command: [interpreter.program, ...rest], notes: interpreter.notes };
}

function nodeVersionNote(language: string): string[] {
  const [major] = process.versions.node.split('.');
  return !language.startsWith('NODE_') || language === `NODE_${major}`
    ? []
    : [`AgentCore runs it with Node.js ${language.slice('NODE_'.length)}, here it runs with ${process.version}`];
}

function withoutTracing(what: string): string {
  return `runs without \`${what}\`, which has nowhere to send traces here`;
}
