import { type Duration } from 'aws-cdk-lib';
import type { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ReleaseChecker } from '../../deployment/release-checker';
import { describedPath } from '../permissions/described-path';
import { RELEASE_METRICS, type ReleaseWatchEvent } from './release-check-contract';

export interface ReleaseWatchProps extends ReleaseWatchEvent {
  readonly every: Duration;
  readonly topic?: ITopic;
  readonly checker: ReleaseChecker;
  readonly runtime: Runtime;
}

/** The check of an endpoint by a schedule, and an alarm on a check that failed. */
export class ReleaseWatch extends Construct {
  public readonly alarm: IAlarm;

  public constructor(scope: Construct, id: string, props: ReleaseWatchProps) {
    super(scope, id);

    const { every, topic, checker, watch, runtime } = props;
    const event: ReleaseWatchEvent = { watch };
    new Rule(this, 'Rule', {
      description: `Checks the endpoint ${watch.endpointName} of an MCP server`,
      schedule: Schedule.rate(every),
      // The next check comes soon enough.
      targets: [new LambdaFunction(checker.function, { event: RuleTargetInput.fromObject(event), retryAttempts: 0 })],
    });
    const alarm = new Alarm(this, 'Alarm', {
      metric: new Metric({
        namespace: RELEASE_METRICS.namespace,
        metricName: RELEASE_METRICS.failed,
        dimensionsMap: {
          Runtime: runtime.agentRuntimeId,
          Endpoint: watch.endpointName,
        },
        statistic: Stats.MAXIMUM,
        period: every,
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A check that is late is no failure of the server.
      treatMissingData: TreatMissingData.IGNORE,
      alarmDescription: `MCP server ${describedPath(scope.node.scope ?? scope)}: the check of the endpoint that users call failed`,
    });
    this.alarm = alarm;
    if (topic !== undefined) {
      const action = new SnsAction(topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}
