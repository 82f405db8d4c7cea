import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { RuntimeEndpoint, type CfnRuntime, type IRuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ReleaseChecker } from '../../deployment/release-checker';
import { McpReleaseCaller } from '../../release/mcp-release-caller';
import type { McpReleaseContext } from '../../release/mcp-release-config';
import { McpInconclusive, type VerifiedReleaseOptions } from '../../release/verified-release-options';
import { refuse } from '../common/construct-error';
import { RELEASE_RECORD_PREFIX } from '../common/contract';
import { regionProblems } from '../platform/same-region';
import { substituted } from '../common/substitution';
import { placeProblems } from '../deployment/deployment-function-problems';
import { DEFAULT_ENDPOINT, LIVE_ENDPOINT } from '../server/invocation-url';
import type { CheckDefinition } from './check-definition';
import { allowCheck } from './checker-permissions';
import type { ReleaseCheckData, ReleaseCheckProperties } from './release-check-contract';
import {
  callerProblems,
  CANDIDATE_ENDPOINT,
  endpointNameProblems,
  watchedCheckProblems,
  watchProblems,
} from './release-problems';
import { ReleaseWatch } from './release-watch';

/** The longest that CloudFormation waits for a custom resource. */
const SERVICE_TIMEOUT = Duration.hours(1);

export interface VerifiedReleaseProps {
  readonly options: VerifiedReleaseOptions;
  readonly context: McpReleaseContext;
}

/**
 * A new version, the check of it, the endpoint that users call, and the check of that, in this order. None of them is in
 * the runtime, which the check waits for as a whole.
 */
export class VerifiedRelease extends Construct {
  public readonly endpointName: string;
  public readonly endpoint: IRuntimeEndpoint;
  public readonly candidateEndpointName?: string;
  public readonly alarms: IAlarm[];

  /** @param scope - the server */
  public constructor(scope: Construct, id: string, props: VerifiedReleaseProps) {
    super(scope, id);

    const { options, context } = props;
    const { candidate: hasCandidate = false, endpointName = LIVE_ENDPOINT, watch, watchTopic } = options;
    const callers = callersOf(options, context);
    const hasTokens = context.discoveryUrl !== undefined;
    const definition = definitionOf(options, context);
    const check = Stack.of(this).toJsonString(definition);
    refuse(scope, [
      ...endpointNameProblems(endpointName, hasCandidate),
      ...watchProblems(watch, watchTopic !== undefined),
      ...watchedCheckProblems(watch, JSON.stringify(Stack.of(this).resolve(definition))),
      ...callerProblems(
        callers.map(caller => caller._bringsToken),
        hasTokens,
        options.callers !== undefined,
      ),
      ...regionProblems(scope, { watchTopic }),
      ...placeProblems('checker', scope, options.checker),
    ]);
    this.endpointName = endpointName;

    const { runtime, runtimeName } = context;
    const checker = options.checker ?? ReleaseChecker.of(scope);
    const recordName = `${RELEASE_RECORD_PREFIX}${runtimeName}`;
    const watched: Omit<ReleaseCheckProperties, 'stage' | 'version'> = {
      runtimeArn: runtime.agentRuntimeArn,
      endpointName,
      keepsEndpoint: hasCandidate ? 'true' : undefined,
      check,
      onInconclusive: options.onInconclusive ?? McpInconclusive.FAIL,
      callers: callers.map(caller => caller._render(substituted(context.discoveryUrl ?? ''))),
      recordName,
      logGroupNames: [DEFAULT_ENDPOINT, endpointName].map(name =>
        substituted(`/aws/bedrock-agentcore/runtimes/${runtime.agentRuntimeId}-${name}`),
      ),
    };
    const checked = (checkId: string, properties: ReleaseCheckProperties): CustomResource =>
      // eslint-disable-next-line cdk/no-variable-construct-id -- one of the two below, for each function
      new CustomResource(this, checker._checkId(checkId, this), {
        resourceType: 'Custom::McpReleaseCheck',
        serviceToken: checker.function.functionArn,
        serviceTimeout: SERVICE_TIMEOUT,
        properties,
      });

    const candidate = checked('Candidate', { ...watched, stage: 'candidate', version: versionOf(context) });
    candidate.node.addDependency(
      allowCheck(scope, { checker, runtimeName, recordName, hasTokens, callers }),
      runtime,
      ...context.dependencies,
    );
    const attribute = (name: keyof ReleaseCheckData): string => candidate.getAttString(name);

    this.endpoint = new RuntimeEndpoint(this, 'Endpoint', {
      endpointName,
      agentRuntimeId: runtime.agentRuntimeId,
      agentRuntimeVersion: attribute('endpointVersion'),
      description: 'What users call: the version that was verified last',
    });
    if (hasCandidate) {
      this.candidateEndpointName = CANDIDATE_ENDPOINT;
      new RuntimeEndpoint(this, 'CandidateEndpoint', {
        endpointName: CANDIDATE_ENDPOINT,
        agentRuntimeId: runtime.agentRuntimeId,
        agentRuntimeVersion: attribute('verifiedVersion'),
        description: 'The newest version that was verified',
      });
    } else {
      const promoted = checked('Promoted', { ...watched, stage: 'promoted', version: attribute('endpointVersion') });
      promoted.node.addDependency(this.endpoint);
    }

    this.alarms = [];
    if (watch !== undefined) {
      const released = [...this.node.children];
      const watching = new ReleaseWatch(this, 'Watch', {
        every: watch,
        topic: watchTopic,
        checker,
        watch: watched,
        runtime,
      });
      watching.node.addDependency(...released);
      this.alarms.push(watching.alarm);
    }
  }
}

function callersOf({ callers }: VerifiedReleaseOptions, context: McpReleaseContext): readonly McpReleaseCaller[] {
  return callers ?? (context.discoveryUrl === undefined ? [McpReleaseCaller.role()] : context.callers);
}

/** A change of the server is a new version. Of the L2 construct, it may be left out. */
function versionOf({ runtime }: McpReleaseContext): string {
  return (runtime.node.defaultChild as CfnRuntime).attrAgentRuntimeVersion;
}

function definitionOf(
  { check, allowedChanges }: VerifiedReleaseOptions,
  { usesServerKit }: McpReleaseContext,
): CheckDefinition {
  const definition = check?._toJson() ?? {};
  const allowed = [...new Set([...(definition.allowedChanges ?? []), ...(allowedChanges ?? [])])];
  return {
    // The kit serves both.
    ...(usesServerKit ? { eras: ['legacy', 'modern'] as const } : {}),
    ...definition,
    ...(allowed.length > 0 ? { allowedChanges: allowed } : {}),
  };
}
