import { CfnResource, Names } from 'aws-cdk-lib';
import type { IGateway } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';
import { gatewaySignature } from './gateway-signature';

/** CreateGatewayTarget, `name`. */
const LONGEST_NAME = 100;

export interface RuntimeTargetProps {
  readonly gateway: IGateway;
  readonly runtimeArn: string;
  /** Name of the endpoint. */
  readonly qualifier: string;
  /** Whether callers bring a token, which is passed on, instead of a signature. */
  readonly bringsToken: boolean;
  /** What the gateway's role needs before the target is made. */
  readonly permissions: readonly Grant[];
  /** What makes the endpoint. */
  readonly server: IDependable;
}

/** A target of a gateway without protocol. */
export interface RuntimeTarget {
  readonly targetName: string;
  readonly resource: CfnResource;
}

/**
 * An endpoint of a runtime, to which a gateway passes requests on as they are. The L1 construct of the oldest aws-cdk-lib
 * does not know this kind of target.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bedrockagentcore-gatewaytarget-runtimetargetconfiguration.html
 */
export function runtimeTarget(scope: Construct, id: string, props: RuntimeTargetProps): RuntimeTarget {
  const { gateway, runtimeArn, qualifier, bringsToken, permissions, server } = props;
  const targetName =
    Names.uniqueResourceName(scope, { maxLength: LONGEST_NAME - id.length - 1, separator: '-' }) + `-${id}`;
  // eslint-disable-next-line cdk/no-variable-construct-id -- one of the two endpoints
  const resource = new CfnResource(scope, id, {
    type: 'AWS::BedrockAgentCore::GatewayTarget',
    properties: {
      Name: targetName,
      GatewayIdentifier: gateway.gatewayId,
      TargetConfiguration: { Http: { AgentcoreRuntime: { Arn: runtimeArn, Qualifier: qualifier } } },
      CredentialProviderConfigurations: [
        bringsToken ? { CredentialProviderType: 'JWT_PASSTHROUGH' } : gatewaySignature(scope),
      ],
    },
  });
  resource.node.addDependency(server);
  for (const permission of permissions) {
    permission.applyBefore(resource);
  }
  return { targetName, resource };
}
