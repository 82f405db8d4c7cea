import { Option, type Command } from 'commander';
import type { CostInvocation } from '../invocation';
import { addOption, amount, seconds, wholeNumber } from '../option-values';
import { addJsonOption, isJson } from '../shared-options';
import { addDeploymentOptions, deploymentFlags } from './deployment-options';

const DEFAULTS = { sessions: 1000, minutes: 5, cpu: 5, memory: 256 } as const;

/** Describes `cost`. */
export function addCost(command: Command, take: (invocation: CostInvocation) => void): void {
  command
    .usage(
      '[--sessions N] [--minutes N] [--cpu SECONDS] [--memory MB] [--idle-timeout SECONDS] [--max-lifetime SECONDS]\n' +
        '       [--arn ARN|--url URL|--target TARGET] [--qualifier NAME] [--profile NAME] [--json]',
    )
    .description('Estimate what sessions cost on AgentCore Runtime, and what their idle time costs.')
    .addHelpText(
      'after',
      `
By the published formula of microVMs of platform version V1: CPU that is used, and the most memory so far for each second
until the session ends, idle time included. Images, logs and data transfer are billed apart. With a server, its lifetimes
are read from AgentCore. \`dev\` and \`talk\` say what CPU and memory a session of yours has used.

Exit code: 0, 1 when the runtime could not be read, 2 when the command line was wrong.`,
    );
  addOption(
    command,
    new Option('--sessions <N>', `How many sessions there are. Default: ${DEFAULTS.sessions}.`),
    wholeNumber,
  );
  addOption(
    command,
    new Option('--minutes <N>', `From the first to the last request of a session. Default: ${DEFAULTS.minutes}.`),
    amount,
  );
  addOption(command, new Option('--cpu <SECONDS>', `CPU time of a session. Default: ${DEFAULTS.cpu}.`), amount);
  addOption(command, new Option('--memory <MB>', `Most memory of a session. Default: ${DEFAULTS.memory}.`), amount);
  addOption(
    command,
    new Option('--idle-timeout <SECONDS>', 'Default: that of the server, else 900, as on AgentCore.'),
    seconds,
  );
  addOption(
    command,
    new Option('--max-lifetime <SECONDS>', 'Default: that of the server, else 28800, as on AgentCore.'),
    seconds,
  );
  addDeploymentOptions(command);
  addJsonOption(command);
  command.action(() => {
    const options = command.opts<Partial<Record<keyof typeof DEFAULTS | 'idleTimeout' | 'maxLifetime', number>>>();
    take({
      command: 'cost',
      target: deploymentFlags(command),
      sessions: options.sessions ?? DEFAULTS.sessions,
      minutes: options.minutes ?? DEFAULTS.minutes,
      cpuSeconds: options.cpu ?? DEFAULTS.cpu,
      memoryMegabytes: options.memory ?? DEFAULTS.memory,
      idleTimeoutSeconds: options.idleTimeout,
      maxLifetimeSeconds: options.maxLifetime,
      json: isJson(command),
    });
  });
}
