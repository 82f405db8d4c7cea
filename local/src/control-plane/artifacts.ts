import { statSync } from 'node:fs';
import path from 'node:path';
import { codeStart, entryFileOf, holdsEntry } from '../process/code-start';
import { binaryForOtherThanArm64 } from '../machine/foreign-binaries';

/** What stands for an artifact on this machine. */
export interface LocalArtifact {
  /** Directory with the code. Required, here or as `folder`. */
  readonly directory?: string;
  /** @deprecated the earlier name of `directory` */
  readonly folder?: string;
  /**
   * Program and arguments that start the server.
   *
   * @default - the entry point of a code configuration with the interpreter of its language; a container image needs a
   * command
   */
  readonly command?: readonly [string, ...string[]];
}

/** `agentRuntimeArtifact` of the service model. */
export interface AgentRuntimeArtifact {
  readonly containerConfiguration?: { readonly containerUri: string };
  readonly codeConfiguration?: {
    readonly code: { readonly s3: { readonly bucket: string; readonly prefix: string; readonly versionId?: string } };
    readonly runtime: string;
    readonly entryPoint: readonly string[];
  };
}

/** How an artifact runs here. */
export interface ResolvedArtifact {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The bucket that is this machine. */
const LOCAL_BUCKET = 'local';

/** How an artifact runs here, or why it does not: the `failureReason` of its runtime. */
export function resolveArtifact(
  artifact: AgentRuntimeArtifact,
  artifacts: Readonly<Record<string, LocalArtifact>>,
): ResolvedArtifact | string {
  const { containerConfiguration, codeConfiguration } = artifact;
  if (containerConfiguration) {
    const { containerUri } = containerConfiguration;
    const local = artifacts[containerUri];
    if (!local?.command) {
      return `nothing is known here about the image ${containerUri}: name it in \`artifacts\`, with a \`command\``;
    }
    return { command: local.command, cwd: directoryOf(local), environment: {} };
  }
  if (!codeConfiguration) {
    return 'AgentArtifact must have exactly one configuration';
  }
  const {
    code: {
      s3: { bucket, prefix },
    },
    runtime: interpreter,
    entryPoint,
  } = codeConfiguration;
  const local = artifacts[`s3://${bucket}/${prefix}`] ?? (bucket === LOCAL_BUCKET ? { directory: prefix } : undefined);
  if (!local) {
    return `nothing is known here about s3://${bucket}/${prefix}: name it in \`artifacts\`, or use the bucket \`${LOCAL_BUCKET}\` with the path of a directory`;
  }
  const directory = directoryOf(local);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    return `the directory ${directory} does not exist`;
  }
  const { entry } = entryFileOf(entryPoint);
  if (!holdsEntry(directory, entry)) {
    return `the entry point ${JSON.stringify(entry)} is not in ${directory}`;
  }
  if (local.command) {
    return { command: local.command, cwd: directory, environment: {} };
  }
  // Checked for Node.js alone (devguide, direct code deployment); a directory with a command of its own is not what is
  // deployed.
  const binary = interpreter.startsWith('NODE_') ? binaryForOtherThanArm64(directory) : undefined;
  if (binary) {
    return `the binary ${binary.file} is for ${binary.platform}; AgentCore runs code on linux/arm64`;
  }
  const start = codeStart(interpreter, entry);
  return start
    ? { ...start, cwd: directory }
    : `no interpreter is known here for the runtime ${interpreter}: name it in \`artifacts\`, with a \`command\``;
}

function directoryOf({ directory, folder = '.' }: LocalArtifact): string {
  return path.resolve(directory ?? folder);
}
