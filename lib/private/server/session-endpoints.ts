import type { IRuntimeEndpointRef, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';

const runtimes = new WeakSet<object>();

/** Whether callers reach ports of the sessions of a runtime, as far as the app has said so. */
export function hasSessionEndpoints(runtime: IRuntimeRef | IRuntimeEndpointRef): boolean {
  return runtimes.has(runtime);
}

/** Remembers whether they do: a grant to call the server has the action for it. */
export function giveSessionEndpoints(runtime: IRuntimeRef, { allowedPorts }: { readonly allowedPorts?: object }): void {
  if (allowedPorts !== undefined) {
    runtimes.add(runtime);
  }
}
