import { Validations } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Grant, Policy, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html */
const IMAGE_ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const TOKEN_ACTIONS = ['ecr:GetAuthorizationToken'];

/**
 * Lets an execution role pull from a repository, which allows it as well where it is in another account and belongs to
 * the app.
 */
export function grantPull(role: IRole, repository: IRepository): IDependable[] {
  return [
    repository.grant(role, ...IMAGE_ACTIONS),
    Grant.addToPrincipal({ grantee: role, actions: TOKEN_ACTIONS, resourceArns: ['*'] }),
  ];
}

/**
 * Lets an execution role pull from a repository, by a policy of its own among the constructs of the server.
 *
 * When the role is of another stack, the policies that it has cannot name a repository of the server without a cycle
 * between the stacks.
 */
export function pullPolicy(scope: Construct, role: IRole, repositoryArn: string): IDependable[] {
  const policy = new Policy(scope, 'PullPolicy', {
    statements: [
      new PolicyStatement({ sid: 'ECRImageAccess', actions: IMAGE_ACTIONS, resources: [repositoryArn] }),
      new PolicyStatement({ sid: 'ECRTokenAccess', actions: TOKEN_ACTIONS, resources: ['*'] }),
    ],
  });
  role.attachInlinePolicy(policy);
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ecr:GetAuthorizationToken has no resources',
  });
  return [policy];
}
