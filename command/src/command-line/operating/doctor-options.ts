import type { Command } from 'commander';
import type { DoctorInvocation } from '../invocation';
import { addJsonOption, isJson } from '../shared-options';
import { addDeploymentOptions, deploymentOrMachine, profileOf } from './deployment-options';

/** Describes `doctor`. */
export function addDoctor(command: Command, take: (invocation: DoctorInvocation) => void): void {
  command
    .usage('[--arn ARN|--url URL|--target TARGET] [--qualifier NAME] [--profile NAME] [--json]')
    .description('Check a deployed runtime and what it depends on: found, expected, how to fix.')
    .addHelpText(
      'after',
      `
Without a server, it checks this machine: Node.js, credentials, region. It reads from AgentCore, Amazon ECR, IAM,
CloudWatch Logs and X-Ray by the standard AWS credentials, and what these may not read is skipped, not failed. It sends
no request that could start a session.

Exit code: 0, also with warnings, 1 when a check failed, 2 when the command line was wrong.`,
    );
  addDeploymentOptions(command);
  addJsonOption(command);
  command.action(() =>
    take({
      command: 'doctor',
      target: deploymentOrMachine(command),
      profile: profileOf(command),
      json: isJson(command),
    }),
  );
}
