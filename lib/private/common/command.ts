import { spawnSync } from 'node:child_process';

/** A program ran to its end without success, or could not run. */
export class CommandError extends Error {
  public constructor(
    message: string,
    public readonly missing: boolean,
    /** All that it wrote to stdout. */
    public readonly output = '',
  ) {
    super(message);
  }
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program after so long, which is a failure. */
  readonly timeoutMs?: number;
  /** For programs that are scripts on Windows. What the arguments say must not depend on the user. */
  readonly windowsScript?: boolean;
  /** For what the user has written as a command line. */
  readonly shell?: boolean;
}

/** The lines in which programs say what went wrong come last. */
const SHOWN_LINES = 20;

/** Runs a program. Fails with what it wrote when it does not end well. */
export function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs, windowsScript = false, shell = false }: CommandOptions,
): string {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: timeoutMs,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 ** 2,
    shell: shell || (windowsScript && process.platform === 'win32'),
  });
  if (error !== undefined) {
    const { code } = error as NodeJS.ErrnoException;
    const late = code === 'ETIMEDOUT' && timeoutMs !== undefined;
    throw new CommandError(
      late ? `${program} did not end within ${timeoutMs / 1000} s` : error.message,
      code === 'ENOENT',
    );
  }
  if (status !== 0) {
    const said = `${stderr}${stdout}`
      .trim()
      .split('\n')
      .slice(-SHOWN_LINES)
      .map(line => `  ${line}`)
      .join('\n');
    throw new CommandError(`${program} ended with ${signal ?? `code ${status}`}:\n${said}`, false, stdout);
  }
  return stdout;
}
