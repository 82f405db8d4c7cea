import { estimateOf } from '../../../../command/src/commands/operating/cost';
import { closeRuntimes, deploy, KEYS } from '../../../client/deployed';
import { removeTemporaryFolders } from '../../assembly';
import { endCommands, run } from '../../run-command';

afterEach(endCommands);
afterEach(closeRuntimes);
afterAll(removeTemporaryFolders);

const ASSUMPTIONS = {
  sessions: 10_000,
  minutes: 0,
  cpuSeconds: 0,
  memoryMegabytes: 512,
  idleTimeoutSeconds: 900,
  maxLifetimeSeconds: 28_800,
};

test('is the published formula: idle time costs memory, and the least is billed', () => {
  // The example of docs/guides/cost.md: half a GB, left alone for the default idle timeout.
  const { session, total } = estimateOf(ASSUMPTIONS);
  expect(session.idle).toBeCloseTo((0.5 * 900 * 0.00945) / 3600, 10);
  expect(session.memory).toBeCloseTo((0.5 * 1 * 0.00945) / 3600, 10);
  expect(total).toBeCloseTo(10_000 * session.total, 10);
  expect(estimateOf({ ...ASSUMPTIONS, memoryMegabytes: 1 }).session.idle).toBeCloseTo(
    (0.125 * 900 * 0.00945) / 3600,
    10,
  );
  expect(estimateOf({ ...ASSUMPTIONS, cpuSeconds: 3600 }).session.cpu).toBeCloseTo(0.0895, 10);
});

test('a session that is ended costs no idle time, and none lives longer than it may', () => {
  const { session, totalWhenEnded, mostOfOneSession } = estimateOf({
    ...ASSUMPTIONS,
    minutes: 10,
    maxLifetimeSeconds: 700,
  });
  expect(session.idle).toBeCloseTo((0.5 * 100 * 0.00945) / 3600, 10);
  expect(totalWhenEnded).toBeCloseTo(10_000 * (session.total - session.idle), 10);
  expect(mostOfOneSession).toBeCloseTo((700 / 3600) * (2 * 0.0895 + 8 * 0.00945), 10);
});

test('takes the lifetimes of a deployed runtime, and names source and date', async () => {
  const { arn, origin } = await deploy({ idleTimeoutSeconds: 120, maxLifetimeSeconds: 600 });
  const env = {
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: origin,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: origin,
  };
  const { code, stdout } = await run(['cost', '--arn', arn, '--json'], { env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    assumptions: { idleTimeoutSeconds: 120, maxLifetimeSeconds: 600 },
    prices: { asOf: 'August 2026, us-east-1', source: 'https://aws.amazon.com/bedrock/agentcore/pricing/' },
  });
  expect((await run(['cost', '--sessions', '10000', '--memory', '512'])).stdout).toMatch(/^10,000 sessions +\d/m);
});
