import type { AgentRuntimeArtifact, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IPrincipal, IRole, Policy } from 'aws-cdk-lib/aws-iam';
import { withStatementsIn } from './execution-role';

/** Lets a runtime fetch its code, by statements in the policy of the server, which it waits for. */
export function allowCode(
  runtime: Runtime,
  code: AgentRuntimeArtifact,
  policy: Policy,
  { role, grantPrincipal }: { readonly role: IRole; readonly grantPrincipal: IPrincipal },
): void {
  code.bind(runtime, Object.assign(runtime, { role: withStatementsIn(role, () => policy) }));
  Object.assign(runtime, { role, grantPrincipal });
  runtime.node.defaultChild?.node.addDependency(policy);
}
