import { setTimeout as delay } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand, type FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';

/** What is read of a log group at most. The oldest lines come first, up to 10,000 lines or 1 MB a page, the default. */
const MOST_PAGES = 20;
const TIME_LIMIT_MS = 8_000;
/** Lines come into the log a moment after they were written. */
const TRIES = 2;
const BETWEEN_TRIES_MS = 2_000;

const LONGEST_LINE = 300;
const MOST_LINES = 20;

export interface LogQuery {
  readonly logGroupNames: readonly string[];
  /** Name of the endpoint that was called, at the end of the name of its log group. */
  readonly endpointName: string;
  readonly sessionIds: ReadonlySet<string>;
  readonly since: number;
  /** Whether users call the endpoint, too: then nothing but lines that name a session of the check are read. */
  readonly isShared: boolean;
}

/**
 * The last lines that the server wrote during the check, the oldest first; none where they cannot be read, which is no
 * failure of the check.
 *
 * Users' own lines are passed over. AgentCore keeps a log group for each endpoint, so that the one of an endpoint that
 * nobody but the check calls has the check's lines alone.
 */
export async function sessionLog(
  query: LogQuery,
  signal: AbortSignal,
  onFailure: (why: string) => void,
): Promise<readonly string[]> {
  if (query.logGroupNames.length === 0) {
    return [];
  }
  const client = new CloudWatchLogsClient({ maxAttempts: 2 });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)]);
  try {
    for (let attempt = 1; ; attempt++) {
      const lines = (
        await Promise.all(query.logGroupNames.map(group => linesOf(client, group, query, limit, onFailure)))
      ).flat();
      if (lines.length > 0 || attempt === TRIES || limit.aborted) {
        return lines
          .sort((one, other) => (one.timestamp ?? 0) - (other.timestamp ?? 0))
          .slice(-MOST_LINES)
          .map(({ message = '' }) => message.trim().slice(0, LONGEST_LINE));
      }
      await delay(BETWEEN_TRIES_MS, undefined, { signal: limit }).catch(() => undefined);
    }
  } finally {
    client.destroy();
  }
}

async function linesOf(
  client: CloudWatchLogsClient,
  logGroupName: string,
  { endpointName, sessionIds, since, isShared }: LogQuery,
  abortSignal: AbortSignal,
  onFailure: (why: string) => void,
): Promise<readonly FilteredLogEvent[]> {
  const isOurs = ({ message = '', logStreamName = '' }: FilteredLogEvent): boolean =>
    (!isShared && logGroupName.endsWith(`-${endpointName}`)) ||
    [...sessionIds].some(id => message.includes(id) || logStreamName.includes(id));
  let lines: FilteredLogEvent[] = [];
  try {
    let nextToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await client.send(new FilterLogEventsCommand({ logGroupName, startTime: since, nextToken }), {
        abortSignal,
      });
      lines = withoutFrames([...lines, ...(answer.events ?? []).filter(isOurs)]).slice(-MOST_LINES);
      nextToken = answer.nextToken;
      if (nextToken === undefined) {
        break;
      }
    }
  } catch (error) {
    onFailure(`the log group ${logGroupName} could not be read: ${(error as Error).message}`);
  }
  return lines;
}

/** A line of a stack, and the marks below a line of code. */
const FRAME = /^\s*at /;
const MARKS = /^[\s^~]*$/;

/** Of a stack, the place alone: thirty lines of it would leave no room for what was thrown. */
function withoutFrames(lines: readonly FilteredLogEvent[]): FilteredLogEvent[] {
  const isFrame = (event: FilteredLogEvent | undefined): boolean => FRAME.test(event?.message ?? '');
  return lines.filter(
    (event, index) => !MARKS.test(event.message ?? '') && !(isFrame(event) && isFrame(lines[index - 1])),
  );
}
