import type { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { McpLoggingConfig } from '../../observability/mcp-logging-config';
import { LogDelivery, TraceDelivery } from './log-delivery';
import { whenTransactionSearch } from './transaction-search-announcements';

export interface ServerObservabilityProps {
  readonly runtime: IRuntimeRef;
  readonly runtimeName: string;
  readonly logging: McpLoggingConfig;
  /** Undefined where it follows what the app has of Transaction Search. */
  readonly tracingEnabled?: boolean;
}

/** What the service delivers of one runtime. */
export class ServerObservability extends Construct {
  /** By the type of logs. */
  public readonly logGroups: ReadonlyMap<string, ILogGroup>;

  public constructor(scope: Construct, id: string, props: ServerObservabilityProps) {
    super(scope, id);

    const { runtime, runtimeName, logging, tracingEnabled } = props;
    const deliveries = (logging.logTypes ?? []).map(
      logType => new LogDelivery(this, camelCase(logType.value), { runtime, runtimeName, ...logging, logType }),
    );
    deliveries.reduce<LogDelivery | undefined>((earlier, delivery) => {
      if (earlier !== undefined) {
        delivery.waitFor(earlier);
      }
      return delivery;
    }, undefined);
    this.logGroups = new Map(deliveries.map(({ logType, logGroup }) => [logType, logGroup]));

    if (tracingEnabled === true) {
      this.traces(runtime, runtimeName);
    }
    whenTransactionSearch(this, search => {
      if (tracingEnabled !== false) {
        (this.node.tryFindChild('Traces') ?? this.traces(runtime, runtimeName)).node.addDependency(search);
      }
    });
  }

  private traces(runtime: IRuntimeRef, runtimeName: string): TraceDelivery {
    return new TraceDelivery(this, 'Traces', { runtime, runtimeName });
  }
}

/** `APPLICATION_LOGS` is `ApplicationLogs`. */
function camelCase(logType: string): string {
  return logType
    .split('_')
    .map(word => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}
