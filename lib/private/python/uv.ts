import type { Construct } from 'constructs';
import { CommandError, runCommand, type CommandOptions } from '../common/command';
import { constructError } from '../common/construct-error';

const MISSING =
  'cannot find uv, which installs the dependencies of `directory` for linux/arm64: install it ("pip install uv", or see https://docs.astral.sh/uv/), ' +
  'and have it on the PATH';

/**
 * What would have uv look at another project than the one that it is started in, and write colors, which would be part
 * of errors and hide what it says.
 */
const UNSET = {
  UV_PROJECT: undefined,
  UV_WORKING_DIRECTORY: undefined,
  FORCE_COLOR: undefined,
  CLICOLOR_FORCE: undefined,
};

/**
 * Runs the uv of this machine. `explain` makes a message for the author of the app of what it said when it did not end
 * well.
 */
export function runUv(
  scope: Construct,
  args: readonly string[],
  cwd: string,
  explain: (said: string) => string,
  { env = process.env, timeoutMs }: Pick<CommandOptions, 'env' | 'timeoutMs'> = {},
): string {
  try {
    return runCommand('uv', args, { cwd, env: { ...env, ...UNSET }, timeoutMs });
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    throw constructError(scope, error.missing ? MISSING : explain(error.message));
  }
}
