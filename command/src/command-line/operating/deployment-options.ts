import { Option, type Command } from 'commander';
import type { TargetFlags } from '../invocation';
import { addOption, anyText } from '../option-values';
import { addQualifierOption, addTargetNames, namedTarget, onlyForRunning } from '../target-options';

/** Options of the commands that look at a deployment by the AWS credentials of whoever operates it. */
export function addDeploymentOptions(command: Command): void {
  addTargetNames(command);
  addQualifierOption(command);
  addOperatorOptions(command);
}

/** Who asks, and where a stack is. */
export function addOperatorOptions(command: Command): void {
  addOption(command, new Option('--profile <NAME>', 'AWS profile to ask by. Default: the standard chain.'), anyText);
  addOption(command, new Option('--region <REGION>', 'Region of the stack. Default: that of the profile.'), anyText);
}

/** The server that was named, seen by AWS credentials; `undefined` when none was, and nothing that belongs to one. */
export function deploymentFlags(command: Command): TargetFlags | undefined {
  const target = deploymentOrMachine(command);
  if (target === undefined && profileOf(command) !== undefined) {
    throw onlyForRunning(command, '`--profile`');
  }
  return target;
}

/** The same for what looks at this machine where no server was named: the profile counts there, too. */
export function deploymentOrMachine(command: Command): TargetFlags | undefined {
  const named = namedTarget(command);
  return named && { ...named, auth: { by: 'sigv4', profile: profileOf(command) } };
}

export function profileOf(command: Command): string | undefined {
  return command.opts<{ profile?: string }>().profile;
}
