/** What `ministack/permission_record.py` tells. */
export interface PermissionRecord {
  readonly calls: readonly RecordedCall[];
  /** Statements of the policies of each role, by its name. */
  readonly roles: Readonly<Record<string, readonly PolicyStatement[]>>;
}

/** A call that a role made, and which of its statements allowed it. */
export interface RecordedCall {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly denied: boolean;
  readonly statements: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Calls that IAM denied, in a form to compare. */
export function deniedCalls({ calls }: PermissionRecord): readonly string[] {
  return calls.filter(({ denied }) => denied).map(({ role, action, resource }) => `${role}: ${action} ${resource}`);
}

/**
 * Actions that are granted to the roles of a stack, and that none of their calls needed: `ROLE: ACTION`, once each, with
 * the role by what of its name is the same in each deployment.
 *
 * @param granted - taken while the stack stands; its policies go with it
 * @param record - taken when all calls are made
 */
export function unneededActions(granted: PermissionRecord, { calls }: PermissionRecord, stack: string): string[] {
  const unneeded = new Set<string>();
  for (const [role, statements] of Object.entries(granted.roles).filter(([name]) => name.startsWith(`${stack}-`))) {
    for (const statement of statements) {
      const same = JSON.stringify(statement);
      const needing = calls.filter(
        call => call.role === role && call.statements.some(allowing => JSON.stringify(allowing) === same),
      );
      for (const action of statement.actions) {
        if (!needing.some(call => matches(action, call.action))) {
          unneeded.add(`${nameOf(role, stack)}: ${action}`);
        }
      }
    }
  }
  return [...unneeded].sort();
}

/** `STACK-LOGICALID-RANDOM`, of which the logical id ends in a hash of eight digits. */
function nameOf(role: string, stack: string): string {
  return role.slice(stack.length + 1).replace(/[0-9A-F]{8}-[^-]*$/, '');
}

/** Actions are compared without regard to case, `*` stands for any text (IAM, "policy elements: Action"). */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}
