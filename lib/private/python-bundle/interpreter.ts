import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { PYTHON_VERSIONS } from '../python/python-dependencies';
import type { ProgramBundle } from '../program/program-bundle';

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html */
const RUNTIMES = PYTHON_VERSIONS.map(version => `PYTHON_${version.replace('.', '_')}`);

export const DEFAULT_INTERPRETER = AgentCoreRuntime.PYTHON_3_13;

/** An unknown version would be blamed on packages that have no wheels for it. */
export function interpreterProblems({ value }: AgentCoreRuntime): string[] {
  return RUNTIMES.includes(value)
    ? []
    : [
        `\`interpreter\` is ${value}; ${RUNTIMES.slice(0, -1).join(', ')} and ${RUNTIMES.at(-1)} are allowed: choose one of them`,
      ];
}

export function versionOf(runtime: AgentCoreRuntime): string {
  return runtime.value.replace(/^PYTHON_(\d+)_(\d+)$/, '$1.$2');
}

/** How a program in Python is started, and all else that is known of it before it is bundled. */
export function pythonStart(
  projectRoot: string,
  interpreter: AgentCoreRuntime,
  entry: string,
): Omit<ProgramBundle, 'files'> {
  return {
    projectRoot,
    engines: [],
    sendsSpans: false,
    usesServerKit: false,
    zipStart: { runtime: interpreter, entryPoint: [entry] },
    imageStart: {
      baseImage: `public.ecr.aws/docker/library/python:${versionOf(interpreter)}-slim`,
      entryPoint: ['python3', entry],
      environment: {
        // The image does not know the user that the server runs as, so its home would be the root folder.
        HOME: '/tmp',
        // Lines reach the log when they are written, not when there are enough of them.
        PYTHONUNBUFFERED: '1',
      },
    },
  };
}
