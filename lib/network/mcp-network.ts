import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import { networkConfiguration } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { kindProblems } from '../private/common/kinds';
import { vpcNetwork } from '../private/network/vpc-network';
import type { VpcNetworkOptions } from './vpc-network-options';

/**
 * From where an MCP server reaches other services. Who may reach the server is the affair of `auth`: callers come by
 * AgentCore Runtime in any case.
 *
 * For a network that these do not name, give the configuration of the L2 construct (`McpNetwork.of`), or extend the
 * class.
 *
 * @example
 * const vpc = new ec2.Vpc(this, 'Vpc');
 * new StatefulMcpServer(this, 'Expenses', {
 *   code: McpServerCode.fromTypeScript('server.ts'),
 *   network: McpNetwork.vpc({ vpc }),
 * });
 */
export abstract class McpNetwork {
  /**
   * The server reaches the internet, and no VPC.
   */
  public static public(): McpNetwork {
    return McpNetwork.of(RuntimeNetworkConfiguration.usingPublicNetwork());
  }

  /**
   * The server has interfaces in a VPC, and reaches what can be reached from there.
   *
   * @param options - the VPC, and what of it
   */
  public static vpc(options: VpcNetworkOptions): McpNetwork {
    return new VpcNetwork(options);
  }

  /**
   * A configuration of the L2 construct of the runtime. Subnets and security groups are taken as they are.
   *
   * @param configuration - such as `RuntimeNetworkConfiguration.usingVpc(this, { vpc })`
   */
  public static of(configuration: RuntimeNetworkConfiguration): McpNetwork {
    return new ConfiguredNetwork(configuration);
  }

  /**
   * The configuration for one server. Called once for each server.
   *
   * @param scope - the server, a construct; what the configuration needs can be made in it
   */
  public abstract bind(scope: Construct): RuntimeNetworkConfiguration;
}

class ConfiguredNetwork extends McpNetwork {
  public constructor(private readonly configuration: RuntimeNetworkConfiguration) {
    super();
  }

  public bind(scope: Construct): RuntimeNetworkConfiguration {
    const { configuration } = this;
    refuse(scope, kindProblems({ configuration }, { configuration: networkConfiguration }));
    return configuration;
  }
}

class VpcNetwork extends McpNetwork {
  public constructor(private readonly options: VpcNetworkOptions) {
    super();
  }

  public bind(scope: Construct): RuntimeNetworkConfiguration {
    return vpcNetwork(scope, this.options);
  }
}
