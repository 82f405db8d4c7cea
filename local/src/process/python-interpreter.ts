import { execFileSync } from 'node:child_process';

/** An interpreter answers at once; one that a version manager has to look for takes longer. */
const ANSWER_LIMIT_MS = 10_000;

export interface PythonInterpreter {
  readonly program: string;
  /** What differs from AgentCore, for the log. */
  readonly notes: readonly string[];
}

/** An assembly is read again with each change of a source. */
const found = new Map<string, PythonInterpreter>();

/**
 * The Python of this machine that is of a version: `python3`, one that is named after the version, or one that uv has
 * installed. Where there is none, it is `python3` of whatever version, with a note.
 *
 * @param version - such as `3.13`; undefined where it is not known
 */
export function pythonInterpreter(version: string | undefined): PythonInterpreter {
  if (version === undefined) {
    return { program: 'python3', notes: [] };
  }
  const key = `${version} ${process.env.PATH}`;
  const interpreter = found.get(key) ?? interpreterOf(version);
  found.set(key, interpreter);
  return interpreter;
}

function interpreterOf(version: string): PythonInterpreter {
  const usual = versionOf('python3');
  const isOfVersion = (other: string | undefined): boolean => other?.startsWith(`${version}.`) === true;
  const program =
    usual === undefined || isOfVersion(usual)
      ? 'python3'
      : [`python${version}`, installedByUv(version)].find(
          other => other !== undefined && isOfVersion(versionOf(other)),
        );
  return program === undefined
    ? {
        program: 'python3',
        notes: [
          `AgentCore runs it with Python ${version}, here it runs with Python ${usual}: install that version, such as by "uv python install ${version}"`,
        ],
      }
    : { program, notes: [] };
}

function installedByUv(version: string): string | undefined {
  return answerOf('uv', ['python', 'find', '--no-project', '--system', `cpython@${version}`]);
}

function versionOf(program: string): string | undefined {
  return answerOf(program, ['--version'])?.replace(/^Python /, '');
}

/** Undefined for a program that is not there, or does not work. */
function answerOf(program: string, args: readonly string[]): string | undefined {
  try {
    const said = execFileSync(program, args, {
      encoding: 'utf8',
      env: process.env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: ANSWER_LIMIT_MS,
    });
    return said.trim();
  } catch {
    return undefined;
  }
}
