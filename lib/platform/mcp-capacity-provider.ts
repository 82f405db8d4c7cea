import { Token } from 'aws-cdk-lib';
import { refuse } from '../private/common/construct-error';
import { kindProblems, text } from '../private/common/kinds';

/** `CapacityProviderArn` of CreateAgentRuntime, as far as a mistake is likely. */
const ARN = /^arn:aws[a-z-]*:bedrock-agentcore:[a-z0-9-]+:\d{12}:capacity-provider\/\S+$/;

/**
 * Instances of your account that a server runs on, in place of microVMs.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-capacityprovider.html
 */
export class McpCapacityProvider {
  /**
   * A capacity provider that there is, or one of an L1 construct (`CfnCapacityProvider`), which older versions of the
   * CDK lack.
   *
   * @param capacityProviderArn - its ARN
   */
  public static fromCapacityProviderArn(capacityProviderArn: string): McpCapacityProvider {
    refuse(undefined, kindProblems({ capacityProviderArn }, { capacityProviderArn: text }));
    if (!Token.isUnresolved(capacityProviderArn) && !ARN.test(capacityProviderArn)) {
      refuse(undefined, [
        `\`capacityProviderArn\` is ${JSON.stringify(capacityProviderArn.slice(0, 100))}; arn:aws:bedrock-agentcore:<region>:<account>:capacity-provider/<id> is allowed: give it in full`,
      ]);
    }
    return new McpCapacityProvider(capacityProviderArn);
  }

  private constructor(
    /**
     * The ARN of the capacity provider.
     */
    public readonly capacityProviderArn: string,
  ) {}
}
