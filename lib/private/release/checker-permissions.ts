import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DependencyGroup, type IDependable, type Construct } from 'constructs';
import type { ReleaseChecker } from '../../deployment/release-checker';
import type { McpReleaseCaller } from '../../release/mcp-release-caller';
import { RELEASE_RECORD_PREFIX } from '../common/contract';
import { substituted } from '../common/substitution';
import { acknowledgeWildcards } from '../permissions/acknowledged-findings';
import { INVOKE_ACTIONS, STOP_SESSION_ACTIONS } from '../permissions/perms';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html */
const READ_ACTIONS = ['bedrock-agentcore:GetAgentRuntime', 'bedrock-agentcore:GetAgentRuntimeEndpoint'];
const RECORD_ACTIONS = ['ssm:GetParameter', 'ssm:PutParameter'];

export interface CheckedServer {
  readonly checker: ReleaseChecker;
  readonly runtimeName: string;
  readonly recordName: string;
  readonly hasTokens: boolean;
  readonly callers: readonly McpReleaseCaller[];
}

/**
 * Lets a function check one server. The runtime is named by its name, which its id begins with, and nothing of the
 * runtime is referred to: servers share the policy, and may wait for each other.
 *
 * @param scope - the server
 * @returns what a check waits for
 */
export function allowCheck(scope: Construct, server: CheckedServer): IDependable {
  const { checker, runtimeName, recordName, hasTokens, callers } = server;
  const { policy, role } = checker._policyFor(scope);
  const { partition, region, account } = Stack.of(scope);
  const arn = (service: string, resource: string): string =>
    substituted(`arn:${partition}:${service}:${region}:${account}:${resource}`);
  const runtime = arn('bedrock-agentcore', `runtime/${runtimeName}-*`);
  const records = arn('ssm', `parameter${RELEASE_RECORD_PREFIX}*`);
  const logGroups = arn('logs', `log-group:/aws/bedrock-agentcore/runtimes/${runtimeName}-*`);
  policy.addStatements(
    new PolicyStatement({
      // To callers with a token, a signature is none.
      actions: [...READ_ACTIONS, ...(hasTokens ? [] : [...INVOKE_ACTIONS, ...STOP_SESSION_ACTIONS])],
      resources: [runtime],
    }),
    new PolicyStatement({ actions: ['logs:FilterLogEvents'], resources: [logGroups] }),
    new PolicyStatement({ actions: RECORD_ACTIONS, resources: [arn('ssm', `parameter${recordName}`)] }),
    // A runtime that is renamed leaves a record of its former name, when nothing knows that name any more.
    new PolicyStatement({ actions: ['ssm:DeleteParameter'], resources: [records] }),
  );
  acknowledgeWildcards(policy, {
    [records]: 'the record of a runtime that was renamed is deleted, which is named by its former name',
    [runtime]:
      'the runtime is named by the id that the service gives it, which begins with its name; so are its endpoints',
    [logGroups]: 'the log group is named by the id that the service gives the runtime, which begins with its name',
  });
  return new DependencyGroup(policy, ...callers.flatMap(caller => caller._grantTo(role)));
}
