import { Fn, Token } from 'aws-cdk-lib';
import type { IRuntimeEndpointRef, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { grantee as granteeKind, runtime as runtimeKind, runtimeEndpoint } from './private/common/cdk-kinds';
import { refuse } from './private/common/construct-error';
import { kindProblems, text } from './private/common/kinds';
import {
  INVOKE_ACTIONS,
  INVOKE_FOR_USER_ACTIONS,
  SESSION_ENDPOINT_ACTIONS,
  STOP_SESSION_ACTIONS,
} from './private/permissions/perms';
import { hasSessionEndpoints } from './private/server/session-endpoints';
import { endpointProblems } from './private/server/invocation-url';

/** CreateAgentRuntimeEndpoint, `AgentRuntimeEndpointArn`. */
const ENDPOINT_ARN = /:runtime\/[^/]+\/runtime-endpoint\/[^/]+$/;

/**
 * Grants the use of an MCP server on AgentCore Runtime: through every endpoint of its runtime, or through one alone.
 *
 * A grant adds to the policy of the grantee. A grantee without one, such as a service principal or a role that may not
 * be changed, gets nothing: check `success` of the result, or call its `assertSuccess()`. A grantee in another account
 * also needs a resource policy on the runtime and on its endpoint: `server.allowInvokeFrom(...)`.
 *
 * @example
 * const server = new StatefulMcpServer(this, 'Expenses', { code: McpServerCode.fromTypeScript('server.ts') });
 * const agent = new iam.Role(this, 'Agent', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
 * const grants = server.grants;
 * grants.invoke(agent);
 */
export class StatefulMcpServerGrants {
  /**
   * Grants for any runtime: of a `StatefulMcpServer`, an L2 or L1 construct, or imported.
   *
   * @param runtime - the runtime that hosts the server
   */
  public static fromRuntime(runtime: IRuntimeRef): StatefulMcpServerGrants {
    refuse(undefined, kindProblems({ runtime }, { runtime: runtimeKind }));
    const { agentRuntimeArn } = runtime.runtimeRef;
    return new StatefulMcpServerGrants(runtime, agentRuntimeArn, `${agentRuntimeArn}/*`);
  }

  /**
   * Grants through one endpoint of a runtime, and no other: of an L2 or L1 construct, or imported.
   *
   * The service checks the runtime and the endpoint in turn, so that both are in a grant. Whether the runtime has
   * `allowedPorts` is not known here: see `invokeSessionEndpoint`.
   *
   * @param endpoint - the endpoint that callers name as `qualifier`
   */
  public static fromEndpoint(endpoint: IRuntimeEndpointRef): StatefulMcpServerGrants {
    refuse(undefined, kindProblems({ endpoint }, { endpoint: runtimeEndpoint }));
    const { agentRuntimeEndpointArn } = endpoint.runtimeEndpointRef;
    refuse(endpoint, endpointArnProblems(agentRuntimeEndpointArn));
    return new StatefulMcpServerGrants(endpoint, runtimeArnOf(agentRuntimeEndpointArn), agentRuntimeEndpointArn);
  }

  private constructor(
    private readonly of: IRuntimeRef | IRuntimeEndpointRef,
    private readonly runtimeArn: string,
    private readonly endpointArns: string,
  ) {}

  /**
   * The same grants through one endpoint of the runtime, and no other.
   *
   * @param endpointName - the name of the endpoint, such as `live`; `DEFAULT` is the one that serves the newest version
   */
  public forEndpoint(endpointName: string): StatefulMcpServerGrants {
    refuse(this.of, kindProblems({ endpointName }, { endpointName: text }));
    refuse(this.of, endpointProblems(endpointName));
    return new StatefulMcpServerGrants(this.of, this.runtimeArn, `${this.runtimeArn}/runtime-endpoint/${endpointName}`);
  }

  /**
   * Lets a client call the server. Not needed, and no help, where callers bring a token instead of AWS credentials.
   *
   * Of a `StatefulMcpServer` with `allowedPorts`, the client also reaches these ports (see `invokeSessionEndpoint`).
   *
   * @param grantee - the client
   */
  public invoke(grantee: IGrantable): Grant {
    return this.grant(grantee, [...INVOKE_ACTIONS, ...(hasSessionEndpoints(this.of) ? SESSION_ENDPOINT_ACTIONS : [])]);
  }

  /**
   * Lets a client call the server, and reach the ports of a session that `allowedPorts` of the runtime names, by the
   * URL in the answer to a call. `invoke` is enough, unless the runtime is imported or an L1 or L2 construct.
   *
   * @param grantee - the client
   */
  public invokeSessionEndpoint(grantee: IGrantable): Grant {
    return this.grant(grantee, [...INVOKE_ACTIONS, ...SESSION_ENDPOINT_ACTIONS]);
  }

  /**
   * Lets a client call the server and name the user it acts for (header `X-Amzn-Bedrock-AgentCore-Runtime-User-Id`).
   *
   * The service takes the name as it comes, so grant this only to clients that have authenticated the user.
   *
   * @param grantee - the client
   */
  public invokeForUser(grantee: IGrantable): Grant {
    return this.grant(grantee, INVOKE_FOR_USER_ACTIONS);
  }

  /**
   * Lets a client or an operator end a session before its idle timeout, with `StopRuntimeSession`.
   *
   * @param grantee - the client or operator
   */
  public stopSession(grantee: IGrantable): Grant {
    return this.grant(grantee, STOP_SESSION_ACTIONS);
  }

  /** The service checks the runtime and the endpoint in turn; endpoints lie under the runtime's ARN. */
  private grant(grantee: IGrantable, actions: string[]): Grant {
    refuse(this.of, kindProblems({ grantee }, { grantee: granteeKind }));
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [this.runtimeArn, this.endpointArns] });
  }
}

function endpointArnProblems(arn: string): string[] {
  return Token.isUnresolved(arn) || ENDPOINT_ARN.test(arn)
    ? []
    : [
        `\`endpoint\` has the ARN ${JSON.stringify(arn)}; \`arn:aws:bedrock-agentcore:<region>:<account>:runtime/<id>/runtime-endpoint/<name>\` is allowed: give the one that the service tells`,
      ];
}

/** `arn:aws:bedrock-agentcore:<region>:<account>:runtime/<id>`, after which the ARN of an endpoint goes on. */
function runtimeArnOf(endpointArn: string): string {
  const parts = Fn.split('/', endpointArn);
  return Fn.join('/', [Fn.select(0, parts), Fn.select(1, parts)]);
}
