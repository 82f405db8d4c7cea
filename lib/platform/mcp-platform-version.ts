import { refuse } from '../private/common/construct-error';
import { kindProblems, text } from '../private/common/kinds';

/**
 * A platform version of AgentCore Runtime. In TypeScript, a `PlatformVersion` of a newer aws-cdk-lib does as well.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html
 */
export class McpPlatformVersion {
  /**
   * Every session starts the server anew.
   */
  public static readonly V1 = new McpPlatformVersion('V1');

  /**
   * Every session gets a copy of a server that has started once, from a snapshot. What a server draws at its start, such
   * as random seeds, ids and times, is the same in all of them.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-v2-optimize.html
   */
  public static readonly V2 = new McpPlatformVersion('V2');

  /**
   * A platform version that has no constant here.
   *
   * @param value - as the service names it: 1 to 128 characters without a blank
   */
  public static of(value: string): McpPlatformVersion {
    refuse(undefined, kindProblems({ value }, { value: text }));
    return new McpPlatformVersion(value);
  }

  private constructor(
    /**
     * The name that the service has for it.
     */
    public readonly value: string,
  ) {}
}
