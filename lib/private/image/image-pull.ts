import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam';

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html */
const IMAGE_ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const TOKEN_ACTIONS = ['ecr:GetAuthorizationToken'];

/**
 * Lets an execution role pull from a repository, which allows it as well where it is in another account and belongs to
 * the app.
 */
export function grantPull(role: IRole, repository: IRepository): void {
  repository.grant(role, ...IMAGE_ACTIONS);
  grantToken(role);
}

/** Lets an execution role pull from a repository that is known by its ARN alone. */
export function grantPullFrom(role: IRole, repositoryArn: string): void {
  Grant.addToPrincipal({ grantee: role, actions: IMAGE_ACTIONS, resourceArns: [repositoryArn] });
  grantToken(role);
}

function grantToken(role: IRole): void {
  Grant.addToPrincipal({ grantee: role, actions: TOKEN_ACTIONS, resourceArns: ['*'] });
}
