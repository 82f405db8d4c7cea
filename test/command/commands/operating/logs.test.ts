// `logs` of a `dev` that runs, and of a deployed runtime.
import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { LogDocument } from '../../../../command/src/common/json-documents';
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { closeDoubles, Refusal, startDouble } from '../../aws-double';
import { endCommands, run, start } from '../../run-command';

const SERVER = require.resolve('../../../client/fixtures/deployed-server.mjs');
const ARN = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/expenses-a1b2c3d4e5';
const GROUP = '/aws/bedrock-agentcore/runtimes/expenses-a1b2c3d4e5-live';

afterEach(endCommands);
afterEach(closeDoubles);
afterAll(removeTemporaryFolders);

test('follows the `dev` of this machine, until it ends', async () => {
  const env = { XDG_RUNTIME_DIR: temporaryFolder() };
  expect(await run(['logs'], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no `stateful-mcp dev` of yours runs on this machine') as string,
  });
  const dev = start(['dev', '--port', '0', '--json', '--', process.execPath, SERVER], { env });
  await dev.until('"type":"serving"');
  const serving = JSON.parse(dev.output().split('\n', 1)[0] ?? '') as { url: string; invocationUrl: string };
  expect(serving).toMatchObject({ type: 'serving', idleTimeoutSeconds: 900 });
  const { origin, port } = new URL(serving.url);

  const following = start(['logs', '--json', '--filter', 'session'], { env });
  expect((await run(['call', '--url', serving.url, 'count'])).code).toBe(0);
  await following.until('session ended');
  const lines = following
    .output()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as LogDocument);
  expect(lines.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^session started, process \d+$/),
    expect.stringMatching(/^session ended: /),
  ]);
  expect(lines[0]).toMatchObject({
    from: origin,
    stream: expect.any(String) as string,
    at: expect.any(String) as string,
  });

  expect(await run(['logs', '--port', '1'], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`There is: ${origin}`) as string,
  });
  expect((await run(['logs', '--port', port, '--no-follow', '--filter', 'nothing has this'], { env })).stdout).toBe('');

  dev.signal('SIGINT');
  await dev.finished;
  expect(await following.finished).toMatchObject({ code: 0 });
  expect((await run(['logs'], { env })).code).toBe(1);
});

test('follows the log group of an endpoint: every page, nothing twice, late lines too', async () => {
  const now = Date.now();
  const event = (eventId: string, message: string, age = 0): FilteredLogEvent => ({
    eventId,
    message,
    timestamp: now - age,
    logStreamName: 's',
  });
  const asked: { logGroupName?: string; startTime?: number; nextToken?: string }[] = [];
  const env = {
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
    ...(await startDouble({
      logEvents: request => {
        asked.push(request);
        if (request.nextToken === undefined) {
          return { events: [event('1', 'one\n', 1000)], nextToken: 'more' };
        }
        // The second look finds one that came late, and one that is new.
        return {
          events:
            asked.length < 3
              ? [event('2', 'two')]
              : [event('late', 'late', 500), event('2', 'two'), event('3', 'three')],
        };
      },
    })),
  };
  const logs = start(['logs', '--arn', ARN, '--qualifier', 'live', '--since', '1h', '--json'], { env });
  await logs.until('"three"');
  logs.signal('SIGINT');
  expect((await logs.finished).code).toBe(130);
  const lines = logs
    .output()
    .split('\n')
    .filter(line => line.startsWith('{'));
  expect(lines.map(line => (JSON.parse(line) as LogDocument).message)).toEqual(['one', 'two', 'late', 'three']);
  expect(asked[0]).toMatchObject({ logGroupName: GROUP });
  expect(asked[0]?.startTime).toBeLessThan(now - 3_500_000);
  expect(asked[2]?.startTime).toBeGreaterThan(now - 20_000);
});

test.each([
  ['ResourceNotFoundException', `there is no log group ${GROUP}`],
  ['AccessDeniedException', 'allow `logs:FilterLogEvents`'],
])('says what %s means', async (name, message) => {
  const env = {
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
    ...(await startDouble({
      logEvents: () => {
        throw new Refusal(name);
      },
    })),
  };
  expect(await run(['logs', '--arn', ARN, '--qualifier', 'live', '--no-follow'], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(message) as string,
  });
});
