import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What the gateway signs its calls for. */
const SERVICE = 'bedrock-agentcore';

/**
 * The credentials of a target that a gateway calls by its own role. Older versions of the L2 construct cannot say what the
 * signature is for.
 */
export function gatewaySignature(scope: Construct): object {
  return {
    CredentialProviderType: 'GATEWAY_IAM_ROLE',
    CredentialProvider: { IamCredentialProvider: { Service: SERVICE, Region: Stack.of(scope).region } },
  };
}
