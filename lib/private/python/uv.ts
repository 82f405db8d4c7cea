import type { Construct } from 'constructs';
import { CommandError, runCommand, type CommandOptions } from '../common/command';
import { constructError } from '../common/construct-error';

const MISSING =
  'cannot find uv, which installs the dependencies of `directory` for linux/arm64: install it ("pip install uv", or see https://docs.astral.sh/uv/), ' +
  'and have it on the PATH';

/**
 * Runs the uv of this machine. `explain` makes a message for the author of the app of what it said when it did not end
 * well.
 */
export function runUv(
  scope: Construct,
  args: readonly string[],
  cwd: string,
  explain: (said: string) => string,
  options: Pick<CommandOptions, 'env' | 'timeoutMs'> = {},
): string {
  try {
    return runCommand('uv', args, { ...options, cwd });
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    throw constructError(scope, error.missing ? MISSING : explain(error.message));
  }
}
