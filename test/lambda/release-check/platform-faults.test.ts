import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { ReleaseEvent } from '../../../lambda/release-check/release';
import { until } from '../../local/running';
import type { AwsCall } from './aws-services';
import { Deployment } from './deployment';

// What goes wrong beside the version.

const ASSET = path.join(__dirname, '../../../assets/release-check');
const INVOKE = `POST /2015-03-31/functions/${encodeURIComponent('arn:aws:lambda:us-east-1:123456789012:function:release-check')}/invocations`;

let deployment: Deployment;
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start();
  deployment.services.answers.set(INVOKE, () => ({}));
});
afterEach(() => deployment.close());

test.each([
  [
    'fail',
    { Status: 'FAILED', Reason: expect.stringMatching(/^ERR_CHECK_INCONCLUSIVE: .*ThrottlingException/) as string },
  ],
  [
    'pass',
    { Status: 'SUCCESS', Data: expect.objectContaining({ verdict: 'inconclusive', endpointVersion: '1' }) as object },
  ],
] as const)('calls that are throttled are no verdict, which counts as %s', async (onInconclusive, expected) => {
  await deployment.publish();
  deployment.runtime.faults.throttle({ times: 1_000 });
  expect(await deployment.check('1', { properties: { onInconclusive } })).toMatchObject(expected);
  expect(deployment.record?.verdict).toBe(onInconclusive === 'pass' ? 'inconclusive' : undefined);
});

test('a control plane that fails is no verdict', async () => {
  await deployment.publish();
  const failing = createServer((_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"down"}');
  });
  failing.listen(0, '127.0.0.1');
  await once(failing, 'listening');
  process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL = `http://127.0.0.1:${(failing.address() as AddressInfo).port}`;
  try {
    expect(await deployment.check('1')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^ERR_PLATFORM_UNAVAILABLE: /) as string,
    });
    expect(await deployment.check('1', { properties: { onInconclusive: 'pass' } })).toMatchObject({
      Status: 'SUCCESS',
      Data: { verdict: 'inconclusive', endpointVersion: '1' },
    });
    // Which version people have left it at cannot be known.
    expect(
      await deployment.check('1', { properties: { onInconclusive: 'pass', keepsEndpoint: 'true' } }),
    ).toMatchObject({ Status: 'FAILED' });
  } finally {
    failing.closeAllConnections();
    failing.close();
  }
});

test('a version that another one has superseded is said to be', async () => {
  await deployment.publish();
  await deployment.publish({ WORDS: 'newer' });
  await deployment.settled();
  expect(await deployment.check('1')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^ERR_VERSION_SUPERSEDED: version 2 was made while version 1 was checked/) as string,
  });
});

test('one that is superseded during its check is not verified by it', async () => {
  await deployment.publish({ SLOW_MS: '500' });
  const told = deployment.check('1');
  await until(() => deployment.log.includes('→ tools/call add_expense'));
  await deployment.publish({ WORDS: 'newer' });
  expect((await told).Reason).toMatch(/^ERR_VERSION_SUPERSEDED: version 2 was made while version 1 was checked/);
  expect(deployment.record).toBeNull();
});

test('a version that AgentCore could not make fails with its words', async () => {
  await deployment.publish(
    {},
    {
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: 'local', prefix: '/does/not/exist' } },
          runtime: 'NODE_22',
          entryPoint: ['index.js'],
        },
      },
    },
  );
  expect((await deployment.check('1')).Reason).toBe(
    'ERR_VERSION_FAILED: version 1 is CREATE_FAILED: the directory /does/not/exist does not exist',
  );
  expect((await deployment.check('2')).Reason).toMatch(/^ERR_VERSION_NOT_FOUND: there is no version 2/);
});

test('a function that was killed and is called again ends the sessions of its first run', async () => {
  await deployment.publish({ SLOW_MS: '500' });
  await deployment.settled();
  const call = `require(${JSON.stringify(ASSET)}).handler(${JSON.stringify(deployment.event('1'))}, { getRemainingTimeInMillis: () => 900000 })`;
  const first = spawn(process.execPath, ['-e', call], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env },
  });
  for await (const line of createInterface({ input: first.stdout })) {
    if (line.includes('→ tools/call add_expense')) {
      first.kill('SIGKILL');
    }
  }
  const [left] = deployment.runtime.sessions();
  expect(left).toBeDefined();
  expect(await deployment.check('1')).toMatchObject({ Status: 'SUCCESS', Data: { verdict: 'pass' } });
  const ended = deployment.runtime.eventLog.filter(event => event.type === 'session-stopped');
  expect(ended[0]).toMatchObject({ sessionId: left?.sessionId });
  expect(deployment.runtime.sessions().filter(({ state }) => state !== 'stopped')).toEqual([]);
});

test('a response that CloudFormation refuses once is sent again', async () => {
  await deployment.publish();
  deployment.refusals.push(503);
  expect(await deployment.check('1')).toMatchObject({ Status: 'SUCCESS' });
  expect(deployment.told).toHaveLength(1);
});

test('a run goes on in another invocation when its own has no time left, and ends after all of them', async () => {
  await deployment.publish();
  const event = deployment.event('1');
  expect(await deployment.invoke(event, { remainingMs: 60_000 })).toBeUndefined();
  const { operation, input } = deployment.services.calls.at(-1) as AwsCall;
  expect(operation).toBe(INVOKE);
  expect(input).toEqual({ ...event, continuation: { startedAt: expect.any(Number) as number, invocations: 1 } });
  expect(await deployment.invoke(input as unknown as ReleaseEvent)).toMatchObject({ Status: 'SUCCESS' });
});

test('a run that has no time left at all fails with what it waited for', async () => {
  await deployment.publish();
  const startedAt = Date.now() - 3_600_000;
  const event: ReleaseEvent = { ...deployment.event('1'), continuation: { startedAt, invocations: 3 } };
  expect((await deployment.invoke(event)).Reason).toMatch(/^ERR_OUT_OF_TIME: version 1 did not come within 60 min: /);
});
