import { Policy, Role, type IRole, type PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * How many servers have a policy of their own on a role that they share: the inline policies of a role have 10,240
 * characters in all.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const SERVERS_WITH_POLICY = 10;

/** A policy that knows whether the role has taken it, and leaves no resource behind where it has not. */
export class OwnPolicy extends Policy {
  private attached = false;
  private precreated?: Role;

  /** Whether the role has taken it: one that may not be changed does not. */
  public get isEffective(): boolean {
    return this.attached;
  }

  /**
   * Whether nobody is told what it allows. Of roles that others make for an app (`Role.customizeRoles`), the CDK reports
   * what they have to allow.
   */
  public get isLost(): boolean {
    return !this.attached && this.precreated === undefined;
  }

  /** Without a resource, what looks into the tree finds none: cdk-nag would find an inline policy that is none. */
  public attachIfPossible(role: IRole): void {
    // A `LazyRole` is made when it is used first, and takes nothing before.
    void role.roleArn;
    role.attachInlinePolicy(this);
    if (!this.attached) {
      this.node.tryRemoveChild('Resource');
      this.precreated = role instanceof Role ? role : undefined;
    }
  }

  public attachToRole(role: IRole): void {
    this.attached = true;
    super.attachToRole(role);
  }

  /** The report has the statements of a policy at the time when it is attached, and is told of later ones. */
  public addStatements(...statements: PolicyStatement[]): void {
    super.addStatements(...statements);
    for (const statement of statements) {
      this.precreated?.addToPrincipalPolicy(statement);
    }
  }
}
