import { LocalRuntimeError } from '../common/errors';
import type { RuntimeFeatures } from '../model/runtime-definition';
import { servingProblem } from '../platform/serving-rules';

/**
 * Refuses what AgentCore refuses, so that it shows before a deployment.
 *
 * @param resourceConfigurations - how many there are; one is allowed
 */
export function checkServing(runtimeName: string, features: RuntimeFeatures, resourceConfigurations = 0): void {
  const problem =
    resourceConfigurations > 1
      ? `resourceConfigurations: at most 1 entry is allowed, got ${resourceConfigurations}`
      : servingProblem(features);
  if (problem !== undefined) {
    throw new LocalRuntimeError(
      'ERR_INVALID_OPTION',
      `runtime \`${runtimeName}\`: AgentCore Runtime would refuse ${problem}`,
    );
  }
}
