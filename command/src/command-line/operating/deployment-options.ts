import { Option, type Command } from 'commander';
import type { TargetFlags } from '../invocation';
import { addOption, anyText } from '../option-values';
import { addQualifierOption, addTargetNames, namedTarget } from '../target-options';

/** Options of the commands that look at a deployment by the AWS credentials of whoever operates it. */
export function addDeploymentOptions(command: Command): void {
  addTargetNames(command);
  addQualifierOption(command);
  addOption(command, new Option('--profile <NAME>', 'AWS profile to ask by. Default: the standard chain.'), anyText);
  addOption(command, new Option('--region <REGION>', 'Region of the stack. Default: that of the profile.'), anyText);
}

/** The server that was named, seen by AWS credentials; `undefined` when none was. */
export function deploymentFlags(command: Command): TargetFlags | undefined {
  const { profile } = command.opts<{ profile?: string }>();
  const named = namedTarget(command);
  return named && { ...named, auth: { by: 'sigv4', profile } };
}
