import { sessionLog, type LogQuery } from '../../../lambda/release-check/aws/session-log';
import { AwsError, AwsServices } from './aws-services';

// Which lines of the runtime's log explain a failure.

const FILTER = 'Logs_20140328.FilterLogEvents';
const GROUPS = [
  '/aws/bedrock-agentcore/runtimes/expenses-1-DEFAULT',
  '/aws/bedrock-agentcore/runtimes/expenses-1-live',
];
const services = new AwsServices();
const failures: string[] = [];

beforeAll(() => services.start());
afterAll(() => services.close());
beforeEach(() => {
  services.reset();
  failures.length = 0;
});

function linesFor(change: Partial<LogQuery> = {}): Promise<readonly string[]> {
  const query: LogQuery = {
    logGroupNames: GROUPS,
    endpointName: 'DEFAULT',
    sessionIds: new Set(['check-1']),
    since: 1_000,
    isShared: false,
    ...change,
  };
  return sessionLog(query, new AbortController().signal, why => failures.push(why));
}

test('of the endpoint that the check alone calls all lines, of others those of its sessions, the last ones', async () => {
  services.answers.set(FILTER, ({ logGroupName, nextToken }) =>
    String(logGroupName).endsWith('-live')
      ? {
          events: [
            { message: 'what a user wrote', timestamp: 9 },
            { message: 'session check-1', timestamp: 8 },
          ],
        }
      : nextToken === undefined
        ? {
            events: Array.from({ length: 30 }, (_, n) => ({ message: `line ${n}`, timestamp: n - 100 })),
            nextToken: 'more',
          }
        : { events: [{ message: 'x'.repeat(1_000), timestamp: 7 }, { message: '  ' }] },
  );
  const lines = await linesFor();
  expect(lines).toHaveLength(20);
  expect(lines.slice(-3)).toEqual(['line 29', 'x'.repeat(300), 'session check-1']);
});

test('where users call, too, nothing but lines of the sessions of the check', async () => {
  services.answers.set(FILTER, () => ({
    events: [
      { message: 'what a user wrote', logStreamName: '[runtime-logs]1', timestamp: 1 },
      { message: 'Error: no table', logStreamName: '[runtime-logs-check-1]2', timestamp: 2 },
    ],
  }));
  const sessionIds = new Set(['check-1', 'check-2']);
  expect(await linesFor({ isShared: true, endpointName: 'live', logGroupNames: GROUPS.slice(1), sessionIds })).toEqual([
    'Error: no table',
  ]);
});

test('lines of several logs are in the order in which they were written', async () => {
  const written = ({ logGroupName }: { readonly logGroupName?: unknown }): number[] =>
    logGroupName === GROUPS[0] ? [1, 4] : [2, 3];
  services.answers.set(FILTER, query => ({
    events: written(query).map(timestamp => ({ message: `check-1 at ${timestamp}`, timestamp })),
  }));
  expect(await linesFor()).toEqual([1, 2, 3, 4].map(timestamp => `check-1 at ${timestamp}`));
});

test('lines come a moment after they were written: they are asked for once more, and no more', async () => {
  const asked = { late: 0, never: 0, failing: 0 };
  services.answers.set(FILTER, ({ logGroupName }) => {
    const group = logGroupName as keyof typeof asked;
    asked[group] += 1;
    if (group === 'failing') {
      throw new AwsError('ResourceNotFoundException');
    }
    return group === 'late' && asked.late === 2 ? { events: [{ message: 'check-1' }] } : {};
  });
  const groups = Object.keys(asked).map(group => linesFor({ logGroupNames: [group] }));
  expect(await Promise.all(groups)).toEqual([['check-1'], [], []]);
  expect(asked).toEqual({ late: 2, never: 2, failing: 2 });
});

test('a log that is asked too often is asked once more, and where there is none, nobody is asked', async () => {
  services.answers.set(FILTER, () => {
    throw new AwsError('ThrottlingException');
  });
  const end = new AbortController();
  const lines = sessionLog(
    { logGroupNames: ['/group'], endpointName: 'live', sessionIds: new Set(), since: 0, isShared: false },
    end.signal,
    () => {
      end.abort();
    },
  );
  expect(await lines).toEqual([]);
  expect(services.calls).toHaveLength(2);
  expect(await linesFor({ logGroupNames: [] })).toEqual([]);
  expect(services.calls).toHaveLength(2);
});

test('what a server wrote last, however much it wrote before', async () => {
  services.answers.set(FILTER, ({ nextToken = '1' }) => ({
    events: Array.from({ length: 500 }, (_, n) => ({
      message: `request ${String(nextToken)}.${n}`,
      timestamp: Number(nextToken),
    })),
    ...(nextToken === '9' ? {} : { nextToken: String(Number(nextToken) + 1) }),
  }));
  expect((await linesFor({ logGroupNames: GROUPS.slice(0, 1) })).at(-1)).toBe('request 9.499');
});

test('of a stack its place, so that there is room for what was thrown', async () => {
  const stack = Array.from({ length: 30 }, (_, n) => `    at step${n} (/var/task/index.js:1:${n})`);
  const crash = [
    '/var/task/index.js:192',
    "throw new Error('no currency is set')",
    '      ^',
    '',
    'Error: no currency is set',
  ];
  const prose = ['gave up at noon', 'gave up at midnight'];
  services.answers.set(FILTER, () => ({
    events: ['    at step0 (/var/task/index.js:1:0)', ...prose, ...crash, ...stack, '', 'Node.js v24.1.0'].map(
      message => ({ message, timestamp: 1 }),
    ),
  }));
  expect(await linesFor({ logGroupNames: GROUPS.slice(0, 1) })).toEqual([
    'at step0 (/var/task/index.js:1:0)',
    ...prose,
    '/var/task/index.js:192',
    "throw new Error('no currency is set')",
    'Error: no currency is set',
    'at step0 (/var/task/index.js:1:0)',
    'Node.js v24.1.0',
  ]);
});

test('a log that cannot be read, or never ends, is no failure', async () => {
  services.answers.set(FILTER, ({ logGroupName }) => {
    if (String(logGroupName).endsWith('-live')) {
      throw new AwsError('ResourceNotFoundException');
    }
    return { events: [{ message: 'again', timestamp: 1 }], nextToken: 'forever' };
  });
  expect(await linesFor()).toEqual(Array.from({ length: 20 }, () => 'again'));
  expect(services.calls.filter(({ input }) => input.logGroupName === GROUPS[0])).toHaveLength(20);
  expect(failures).toEqual([expect.stringMatching(/-live could not be read: ResourceNotFoundException/)]);
});
