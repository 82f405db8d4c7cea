import { deploymentOf, useProfile } from '../../aws/deployment';
import type { LogsInvocation } from '../../command-line/invocation';
import { CommandError, EXIT } from '../../common/command-error';
import type { LogDocument } from '../../common/json-documents';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import { shortSessionId } from '../../conversation/server-log';
import { printable } from '../../common/printable';
import { runningDevs, type RunningDev } from '../../logs/dev-directory';
import { devLogLines } from '../../logs/dev-log';
import { logGroupLines, logGroupOf } from '../../logs/log-group';
import type { LogLine, LogQuery } from '../../logs/log-line';
import { terminalOf } from '../../terminal/terminal';

/** Shows the log of a deployed runtime, or of a `dev`. */
export async function logs(invocation: LogsInvocation, shutdown: Shutdown): Promise<number> {
  const query: LogQuery = {
    since: new Date(Date.now() - invocation.sinceMs),
    filter: invocation.filter,
    follow: invocation.follow,
    signal: shutdown.signal,
  };
  const lines = await shutdown.orEnd(linesOf(invocation, query));
  const { paint } = terminalOf({ stdin: process.stdin, output: process.stdout, env: process.env, yes: true });
  try {
    for await (const { at, from, stream, message } of lines) {
      if (invocation.json) {
        printJson<LogDocument>({ at: at.toISOString(), from, ...(stream !== undefined && { stream }), message });
      } else {
        const where =
          invocation.target || stream === undefined ? '' : `${paint('cyan', `[${shortSessionId(stream)}]`)} `;
        process.stdout.write(`${paint('dim', at.toISOString())} ${where}${printable(message)}\n`);
      }
    }
  } catch (error) {
    shutdown.signal.throwIfAborted();
    throw error;
  }
  return EXIT.ok;
}

async function linesOf({ target, port, source }: LogsInvocation, query: LogQuery): Promise<AsyncGenerator<LogLine>> {
  if (target === undefined) {
    return devLogLines(oneOf(await runningDevs(), port), query);
  }
  useProfile(target);
  const deployment = await deploymentOf(target);
  const group = logGroupOf(deployment, source);
  const onMissing = (): void => {
    process.stderr.write(`${group} does not exist yet: AgentCore makes it with the first request. Waiting for it\n`);
  };
  return logGroupLines({ group, region: deployment.region, onMissing }, query);
}

function oneOf(devs: readonly RunningDev[], port: number | undefined): RunningDev {
  const wanted = port === undefined ? devs : devs.filter(dev => dev.port === port);
  const [one, another] = wanted;
  const listed = devs.map(({ url }) => url).join(', ');
  if (one === undefined) {
    throw new CommandError(
      port === undefined
        ? 'no `stateful-mcp dev` of yours runs on this machine: start it, or name a deployed runtime by `--arn`, `--url` or `--target`'
        : `no \`stateful-mcp dev\` of yours listens on port ${port}. There is: ${listed || 'none'}`,
    );
  }
  if (another !== undefined) {
    throw new CommandError(`several run on this machine, ${listed}: pass \`--port\``, EXIT.usage);
  }
  return one;
}
