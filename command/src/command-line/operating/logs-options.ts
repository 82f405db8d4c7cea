import { Option, type Command } from 'commander';
import { LOG_SOURCES, type LogsInvocation } from '../invocation';
import { addOption, age, anyText, oneOf, port, usageError } from '../option-values';
import { addJsonOption, isJson } from '../shared-options';
import { addDeploymentOptions, deploymentFlags } from './deployment-options';

const TEN_MINUTES_MS = 600_000;

/** Describes `logs`. */
export function addLogs(command: Command, take: (invocation: LogsInvocation) => void): void {
  command
    .usage(
      '[--port N] [--since TIME] [--filter TEXT] [--no-follow] [--json]\n' +
        '       stateful-mcp logs --arn ARN|--url URL|--target TARGET [--qualifier NAME] [--source KIND] [--profile NAME] …',
    )
    .description('Show and follow the log of a deployed runtime, or of a `dev` of this machine.')
    .addHelpText(
      'after',
      `
Without a server, it follows the \`stateful-mcp dev\` that runs on this machine. With one, it follows its log group in
CloudWatch Logs by the standard AWS credentials (logs:FilterLogEvents): \`server\` is what the server writes to stdout and
stderr, \`application\` what AgentCore says of each request, \`usage\` vCPU and memory by the second.

Exit code: 0, 1 when there is no such log, 2 when the command line was wrong, 130 when Ctrl-C ended it.`,
    );
  addDeploymentOptions(command);
  addOption(command, new Option('--port <N>', 'Port of the `dev`, where several run.'), port);
  addOption(
    command,
    new Option('--source <KIND>', 'What to show: `server` (default), `application` or `usage`.'),
    oneOf(LOG_SOURCES),
  );
  addOption(command, new Option('--since <TIME>', 'From when on, such as 90s, 2h or 1d. Default: 10m.'), age);
  addOption(command, new Option('--filter <TEXT>', 'Only lines that contain this.'), anyText);
  command.option('--no-follow', 'End with the last line that there is.');
  addJsonOption(command);
  command.action(() => {
    const options = command.opts<{
      port?: number;
      source?: LogsInvocation['source'];
      since?: number;
      filter?: string;
      follow: boolean;
    }>();
    const target = deploymentFlags(command);
    const misplaced = target === undefined ? options.source && '--source' : options.port && '--port';
    if (misplaced !== undefined) {
      throw usageError(
        command,
        target === undefined
          ? `\`${misplaced}\` is for a deployed runtime`
          : `\`${misplaced}\` is for a \`dev\` of this machine`,
        target === undefined ? 'name it by `--arn`, `--url` or `--target`' : 'leave it out',
      );
    }
    take({
      command: 'logs',
      target,
      port: options.port,
      source: options.source ?? 'server',
      sinceMs: options.since ?? TEN_MINUTES_MS,
      filter: options.filter,
      follow: options.follow,
      json: isJson(command),
    });
  });
}
