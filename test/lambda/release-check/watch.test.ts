import { RELEASE_METRICS } from '../../../lib/private/release/release-check-contract';
import { Deployment, ENDPOINT, SHORT_CHECK } from './deployment';

// The check of what users get now, by a schedule, as metrics for an alarm.

let deployment: Deployment;
let written: string;
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start();
  await deployment.publish();
  await deployment.promote('1');
  deployment.services.answers.set('secretsmanager.GetSecretValue', () => ({ SecretString: 'of the client' }));
  written = '';
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    written += String(text);
    return true;
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await deployment.close();
});

interface Metrics {
  readonly _aws: { readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[] };
}

async function metricsOf(change: object = {}): Promise<Metrics> {
  const { ResourceProperties } = deployment.event('1', { check: SHORT_CHECK });
  const told = await deployment.invoke({ watch: { ...ResourceProperties, ...change } as never });
  expect(told).toBeUndefined();
  const metrics = JSON.parse(written) as Metrics;
  // What names a metric without a value is none in the embedded metric format.
  for (const { Name } of metrics._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics)) {
    expect(metrics).toHaveProperty(Name, expect.any(Number));
  }
  return metrics;
}

test('a check that is passed is one, with its latency, in the embedded metric format', async () => {
  const { _aws, ...members } = await metricsOf();
  const latency = [RELEASE_METRICS.firstCall, RELEASE_METRICS.warmCall];
  expect(members).toEqual({
    Runtime: deployment.runtimeArn.replace(/^.*\//, ''),
    Endpoint: ENDPOINT,
    CheckPassed: 1,
    CheckFailed: 0,
    CheckInconclusive: 0,
    ...Object.fromEntries(latency.map(name => [name, expect.any(Number) as number])),
  });
  expect(_aws).toEqual({
    Timestamp: expect.any(Number) as number,
    CloudWatchMetrics: [
      {
        Namespace: RELEASE_METRICS.namespace,
        Dimensions: [['Runtime', 'Endpoint']],
        Metrics: [
          { Name: 'CheckPassed', Unit: 'Count' },
          { Name: 'CheckFailed', Unit: 'Count' },
          { Name: 'CheckInconclusive', Unit: 'Count' },
          ...latency.map(Name => ({ Name, Unit: 'Milliseconds' })),
        ],
      },
    ],
  });
});

test.each([
  ['fails', 'CheckFailed', { check: JSON.stringify({ ...SHORT_CHECK, tools: ['none'] }) }],
  ['has no endpoint to check', 'CheckFailed', { endpointName: 'gone' }],
  ['has no credentials to be had', 'CheckInconclusive', { callers: [clientWithoutServer()] }],
])('a check that %s is counted as %s, and the function does not fail', async (_what, counted, change) => {
  expect(await metricsOf(change)).toMatchObject({ CheckPassed: 0, [counted]: 1 });
});

test('calls that are throttled are no failure of the server', async () => {
  deployment.runtime.faults.throttle({ times: 1_000 });
  expect(await metricsOf()).toMatchObject({ CheckPassed: 0, CheckFailed: 0, CheckInconclusive: 1 });
});

function clientWithoutServer(): object {
  return { kind: 'client-credentials', discoveryUrl: 'http://127.0.0.1:1/', clientId: 'agent', secretArn: 'secret' };
}
