import type { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { grantee as granteeKind, runtime as runtimeKind } from './private/common/cdk-kinds';
import { refuse } from './private/common/construct-error';
import { kindProblems } from './private/common/kinds';
import {
  INVOKE_ACTIONS,
  INVOKE_FOR_USER_ACTIONS,
  SESSION_ENDPOINT_ACTIONS,
  STOP_SESSION_ACTIONS,
} from './private/permissions/perms';
import { hasSessionEndpoints } from './private/server/session-endpoints';

/**
 * Grants the use of an MCP server on AgentCore Runtime, through every endpoint of its runtime.
 *
 * A grant adds to the policy of the grantee. A grantee without one, such as a service principal or a role that may not
 * be changed, gets nothing: check `success` of the result, or call its `assertSuccess()`. A grantee in another account
 * also needs a resource policy on the runtime and on its endpoint: `server.allowInvokeFrom(...)`.
 */
export class StatefulMcpServerGrants {
  /**
   * Grants for any runtime: of a `StatefulMcpServer`, an L2 or L1 construct, or imported.
   *
   * @param runtime - the runtime that hosts the server
   */
  public static fromRuntime(runtime: IRuntimeRef): StatefulMcpServerGrants {
    refuse(undefined, kindProblems({ runtime }, { runtime: runtimeKind }));
    return new StatefulMcpServerGrants(runtime);
  }

  private constructor(private readonly runtime: IRuntimeRef) {}

  /**
   * Lets a client call the server. Not needed, and no help, where callers bring a token instead of AWS credentials.
   *
   * Of a `StatefulMcpServer` with `allowedPorts`, the client also reaches these ports (see `invokeSessionEndpoint`).
   *
   * @param grantee - the client
   */
  public invoke(grantee: IGrantable): Grant {
    return this.grant(grantee, [
      ...INVOKE_ACTIONS,
      ...(hasSessionEndpoints(this.runtime) ? SESSION_ENDPOINT_ACTIONS : []),
    ]);
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
    refuse(this.runtime, kindProblems({ grantee }, { grantee: granteeKind }));
    const { agentRuntimeArn } = this.runtime.runtimeRef;
    return Grant.addToPrincipal({ grantee, actions, resourceArns: [agentRuntimeArn, `${agentRuntimeArn}/*`] });
  }
}
