import { RELEASE_METRICS } from '../../../lib/private/release/release-check-contract';
import type { CheckReport, CheckVerdict } from 'stateful-mcp-contract';
import { asReleaseCheckError } from '../common/failures';
import { holdCheck, type CheckParts } from './held-check';
import { acceptPass } from './verdict';

/**
 * Checks what users get now, and tells it as metrics. A check that fails is no failure of the function: the alarm on
 * the metric is who tells.
 */
export async function watch(parts: CheckParts): Promise<void> {
  const { request, log } = parts;
  const { endpointName, runtimeId } = request;
  const dimensions = { Runtime: runtimeId, Endpoint: endpointName };
  const through = { qualifier: endpointName };
  let latency: CheckReport['latency'] = {};
  let verdict: CheckVerdict = 'pass';
  try {
    const held = await holdCheck(parts, through);
    latency = held.latency;
    await acceptPass(held, parts, {
      subject: `the endpoint ${endpointName}`,
      through,
      isShared: true,
      live: 'users call it',
    });
  } catch (error) {
    const failure = asReleaseCheckError(error);
    log.error(error);
    log.warn(`${failure.code}: ${failure.message}`);
    verdict = failure.isInconclusive ? 'inconclusive' : 'fail';
  }
  // Around the console, which could put it into JSON of its own.
  process.stdout.write(`${JSON.stringify(metricsOf(verdict, latency, dimensions))}\n`);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf(
  verdict: CheckVerdict,
  { firstCallMs, warmCallMs }: CheckReport['latency'],
  dimensions: Readonly<Record<string, string>>,
): object {
  const { namespace, passed, failed, inconclusive, firstCall, warmCall } = RELEASE_METRICS;
  const counts = {
    [passed]: Number(verdict === 'pass'),
    [failed]: Number(verdict === 'fail'),
    [inconclusive]: Number(verdict === 'inconclusive'),
  };
  const times = {
    ...(firstCallMs !== undefined && { [firstCall]: firstCallMs }),
    ...(warmCallMs !== undefined && { [warmCall]: warmCallMs }),
  };
  return {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: [
            ...Object.keys(counts).map(Name => ({ Name, Unit: 'Count' })),
            ...Object.keys(times).map(Name => ({ Name, Unit: 'Milliseconds' })),
          ],
        },
      ],
    },
    ...dimensions,
    ...counts,
    ...times,
  };
}
