import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AwsAccess } from './rehearsal';

/** A log group is named by the id of its resource. */
const GROUP = /ReleaseChecker/;

/** All that the function of the release has written. */
export async function checkerLog(aws: AwsAccess): Promise<string> {
  const client = new CloudWatchLogsClient(aws);
  try {
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
    const logGroupName = logGroups.map(group => group.logGroupName ?? '').find(name => GROUP.test(name));
    if (logGroupName === undefined) {
      throw new Error('the function has no log group, or one of another name');
    }
    const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName, limit: 10_000 }));
    return events.map(({ message }) => message).join('\n');
  } finally {
    client.destroy();
  }
}
