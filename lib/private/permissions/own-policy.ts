import { Policy, type IRole } from 'aws-cdk-lib/aws-iam';

/** A policy that knows whether the role has taken it, and leaves no resource behind where it has not. */
export class OwnPolicy extends Policy {
  private attached = false;

  /** Whether the role has taken it: one that may not be changed does not. */
  public get isEffective(): boolean {
    return this.attached;
  }

  /** Without a resource, what looks into the tree finds none: cdk-nag would find an inline policy that is none. */
  public attachIfPossible(role: IRole): void {
    role.attachInlinePolicy(this);
    if (!this.attached) {
      this.node.tryRemoveChild('Resource');
    }
  }

  public attachToRole(role: IRole): void {
    this.attached = true;
    super.attachToRole(role);
  }
}
