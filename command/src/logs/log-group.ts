import { setTimeout as sleep } from 'node:timers/promises';
import type { LOG_SOURCES } from '../command-line/invocation';
import type { Deployment } from '../aws/deployment';
import { CommandError } from '../common/command-error';
import type { LogLine, LogQuery } from './log-line';

/** FilterLogEvents has a quota of 5 calls a second in small Regions, for everybody in the account. */
const BETWEEN_POLLS_MS = 2000;
/** Lines arrive late: how long one may take that is older than what was shown already. */
const LATE_MS = 15_000;

/** The log group of a runtime: those that AgentCore makes, and those of the constructs of this project. */
export function logGroupOf(
  { runtimeId, qualifier }: Pick<Deployment, 'runtimeId' | 'qualifier'>,
  source: (typeof LOG_SOURCES)[number],
): string {
  switch (source) {
    case 'server':
      return `/aws/bedrock-agentcore/runtimes/${runtimeId}-${qualifier}`;
    case 'application':
      return `/aws/vendedlogs/bedrock-agentcore/runtime/APPLICATION_LOGS/${runtimeId}`;
    case 'usage':
      return `/aws/vendedlogs/bedrock-agentcore/runtime/USAGE_LOGS/${runtimeId}`;
  }
}

/**
 * Lines of a log group in CloudWatch Logs, oldest first.
 *
 * @param onMissing - told once when there is no such group yet and the query waits for it
 */
export async function* logGroupLines(
  { group, region, onMissing }: { readonly group: string; readonly region: string; readonly onMissing: () => void },
  { since, filter, follow, signal }: LogQuery,
): AsyncGenerator<LogLine> {
  const { CloudWatchLogsClient, paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient({ region });
  const seen = new Map<string, number>();
  let from = since.getTime();
  let missing = false;
  try {
    for (;;) {
      let newest = from;
      try {
        for await (const { events = [] } of paginateFilterLogEvents(
          { client },
          { logGroupName: group, startTime: from },
          { abortSignal: signal },
        )) {
          for (const { eventId = '', timestamp = 0, message = '', logStreamName: stream } of events) {
            if (!seen.has(eventId) && message.includes(filter ?? '')) {
              yield { at: new Date(timestamp), from: group, stream, message: message.trimEnd() };
            }
            seen.set(eventId, timestamp);
            newest = Math.max(newest, timestamp);
          }
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!follow || (error as Error).name !== 'ResourceNotFoundException') {
          throw explained(error, group);
        }
        if (!missing) {
          missing = true;
          onMissing();
        }
      }
      if (!follow) {
        return;
      }
      from = Math.max(since.getTime(), newest - LATE_MS);
      for (const [id, at] of seen) {
        if (at < from) {
          seen.delete(id);
        }
      }
      await sleep(BETWEEN_POLLS_MS, undefined, { signal });
    }
  } finally {
    client.destroy();
  }
}

function explained(error: unknown, group: string): unknown {
  const { name, message } = error as Error;
  if (name === 'ResourceNotFoundException') {
    return new CommandError(
      `there is no log group ${group}: AgentCore makes it with the first request to the endpoint; check \`--qualifier\`, \`--source\` and the account`,
    );
  }
  if (name === 'AccessDeniedException') {
    return new CommandError(`${group} may not be read: allow \`logs:FilterLogEvents\` on it (${message})`);
  }
  if (/^(CredentialsProviderError|TokenProviderError)$/.test(name)) {
    return new CommandError(
      `no AWS credentials to read ${group} with: run \`aws sso login\` or \`aws login\`, or pass \`--profile\` (${message})`,
    );
  }
  return error;
}
