import { Arn, Duration, Names, Stack } from 'aws-cdk-lib';
import {
  Role,
  ServicePrincipal,
  type IRole,
  type ManagedPolicy,
  type Policy,
  type PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Dependable, type Construct } from 'constructs';
import { describedPath } from './described-path';
import { substituted } from '../common/substitution';

/** Who assumes the role of a runtime. */
export const AGENT_CORE = 'bedrock-agentcore.amazonaws.com';

/** A role that AgentCore Runtime alone can assume, for the runtime of this name alone. */
export function executionRole(scope: Construct, runtimeName: string): Role {
  const stack = Stack.of(scope);
  const runtimes = Arn.format(
    { service: 'bedrock-agentcore', resource: 'runtime', resourceName: `${runtimeName}-*` },
    stack,
  );
  return new Role(scope, 'Role', {
    description: `What the MCP server ${describedPath(scope)} may do`,
    assumedBy: new ServicePrincipal(AGENT_CORE, {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': substituted(runtimes) },
      },
    }),
    // The longest session of a runtime.
    maxSessionDuration: Duration.hours(8),
  });
}

/**
 * The name of a policy on a role that may be shared: by servers of other stacks and, since roles are global, of other
 * Regions. Two policies of one name would replace each other.
 */
export function policyName(scope: Construct, purpose: string): string {
  const server = Names.uniqueResourceName(scope, { maxLength: 80, separator: '-' });
  return substituted(`${server}-${purpose}-${Stack.of(scope).region}`);
}

/**
 * The same role for whoever adds statements to it: they go into a policy instead, or nowhere without one. Whoever
 * depends on it waits for the role alone, not for what was granted to it, which may itself wait for the runtime.
 */
export function withStatementsIn(role: IRole, policyOf: () => Policy | ManagedPolicy | undefined): IRole {
  const addToPrincipalPolicy = (statement: PolicyStatement) => {
    const policy = policyOf();
    policy?.addStatements(statement);
    return { statementAdded: policy !== undefined, policyDependable: policy };
  };
  const other = Object.create(role) as IRole;
  Object.defineProperties(other, {
    grantPrincipal: { value: other },
    addToPrincipalPolicy: { value: addToPrincipalPolicy },
    addToPolicy: { value: (statement: PolicyStatement) => addToPrincipalPolicy(statement).statementAdded },
  });
  const resource = role.node.defaultChild;
  Dependable.implement(other, { dependencyRoots: resource === undefined ? [] : [resource] });
  return other;
}
