import { CfnResource } from 'aws-cdk-lib';
import type { IGateway } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import type { RuntimeTarget } from './runtime-target';

/** The only rule of its gateway. Others can be put before and behind it. */
const PRIORITY = 100;

export interface TrafficSplitProps {
  readonly gateway: IGateway;
  readonly live: RuntimeTarget;
  readonly candidate: RuntimeTarget;
  readonly candidatePercent: number;
}

/**
 * The rule for what comes to the target of users. Weights go from 1 to 99, so that the ends of the scale are routes of
 * their own. The oldest aws-cdk-lib has no L1 construct of it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-rules.html
 */
export function splitSessions(scope: Construct, props: TrafficSplitProps): void {
  const { gateway, live, candidate, candidatePercent } = props;
  const rule = new CfnResource(scope, 'Split', {
    type: 'AWS::BedrockAgentCore::GatewayRule',
    properties: {
      GatewayIdentifier: gateway.gatewayId,
      Priority: PRIORITY,
      Description: `${candidatePercent} of 100 new sessions get the candidate`,
      Conditions: [{ MatchPaths: { AnyOf: [`/${live.targetName}/*`] } }],
      Actions: [{ RouteToTarget: route(props) }],
    },
  });
  // A rule takes targets that are ready.
  rule.node.addDependency(live.resource, candidate.resource);
}

function route({ live, candidate, candidatePercent }: TrafficSplitProps): object {
  if (candidatePercent === 0 || candidatePercent === 100) {
    return { StaticRoute: { TargetName: (candidatePercent === 0 ? live : candidate).targetName } };
  }
  return {
    WeightedRoute: {
      TrafficSplit: [
        { Name: 'live', TargetName: live.targetName, Weight: 100 - candidatePercent },
        { Name: 'candidate', TargetName: candidate.targetName, Weight: candidatePercent },
      ],
    },
  };
}
