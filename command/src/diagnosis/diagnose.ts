import { ControlPlane } from '../aws/control-plane';
import { deploymentOf, type Deployment } from '../aws/deployment';
import type { TargetFlags } from '../command-line/invocation';
import { failed, firstLine, type Check, type Subject } from './check';
import { configurationChecks } from './configuration-checks';
import { imageCheck, logGroupCheck, roleCheck, tracingCheck } from './dependency-checks';
import { readRuntime } from './endpoint-checks';
import { credentialsCheck, nodeCheck, regionCheck } from './machine-checks';
import { signInChecks } from './sign-in-checks';

const TARGET: Subject = { id: 'target', expected: 'a runtime of AgentCore' };

/** Checks this machine and, where one is named, a deployed runtime with what it depends on. */
export async function diagnose(target: TargetFlags | undefined): Promise<Check[]> {
  const machine = [nodeCheck(), await credentialsCheck()];
  let deployment: Deployment | undefined;
  try {
    deployment = target && (await deploymentOf(target));
  } catch (error) {
    return [...machine, regionCheck(undefined), failed(TARGET, firstLine(error), 'name it by its ARN')];
  }
  return [...machine, regionCheck(deployment), ...(deployment ? await deploymentChecks(deployment) : [])];
}

async function deploymentChecks(deployment: Deployment): Promise<Check[]> {
  const { runtime, checks } = await readRuntime(new ControlPlane(deployment), deployment);
  const around = Promise.all([logGroupCheck(deployment), tracingCheck(deployment)]);
  if (runtime === undefined) {
    return [...checks, ...(await around)];
  }
  const [dependencies, signIn] = await Promise.all([
    Promise.all([imageCheck(runtime), roleCheck(runtime, deployment)]),
    signInChecks(runtime, deployment),
  ]);
  return [...checks, ...configurationChecks(runtime, deployment.region), ...dependencies, ...signIn, ...(await around)];
}
