import { Stack } from 'aws-cdk-lib';
import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import { keyProblems } from './kit-problems';
import { platformProblems, type RuntimeProperties } from '../platform/platform-limits';
import { nameTakenProblems, RUNTIME } from './taken-names';
import { descriptionProblems, lifecycleProblems, nameProblems, tagProblems, variableProblems } from './server-limits';
import { REQUEST_STATE_KEY_VARIABLE } from '../common/contract';

/** The key of request state. */
export interface GivenKey {
  /** The least that it takes, where the deployment alone knows it. */
  readonly keyBytes: number;

  /** Whether it is given by the prop, and not by a variable. */
  readonly isProp: boolean;
}

/**
 * Refuses what the service would, when all is said: what lazy values and overrides of the L1 construct have come to, and
 * what the platform version and the kind of compute may not have, which are properties of newer versions of the CDK, or
 * overrides.
 *
 */
export function validateResolved(scope: Construct, resource: CfnRuntime, key: GivenKey): void {
  scope.node.addValidation({
    validate: () => {
      const properties = propertiesOf(resource);
      return [...resolvedProblems(scope, properties, key), ...platformProblems(properties, key.keyBytes)];
    },
  });
}

function resolvedProblems(scope: Construct, properties: RuntimeProperties, { isProp }: GivenKey): string[] {
  const { AgentRuntimeName: name, Description: description, LifecycleConfiguration: lifecycle } = properties;
  const variables = Object.entries(properties.EnvironmentVariables ?? {}).filter(isKnown);
  const tags = Object.entries(properties.Tags ?? {}).map(([key, value]) => [key, isText(value) ? value : '']);
  const subject = isProp ? 'requestStateKey' : 'environment';
  return [
    ...(typeof name === 'string' ? [...nameProblems(name), ...nameTakenProblems(scope, RUNTIME, name)] : []),
    ...descriptionProblems(typeof description === 'string' ? description : undefined),
    ...lifecycleProblems(numberOf(lifecycle?.IdleRuntimeSessionTimeout), numberOf(lifecycle?.MaxLifetime)),
    // `Tags.of(...)` has no limits of its own.
    ...tagProblems(Object.fromEntries(tags) as Record<string, string>),
    ...variables.flatMap(([variable, value]) =>
      variable === REQUEST_STATE_KEY_VARIABLE
        ? [...variableProblems(variable, value, subject), ...keyProblems(`\`${subject}\``, value)]
        : variableProblems(variable, value),
    ),
  ];
}

function isKnown(variable: [string, unknown]): variable is [string, string] {
  return isText(variable[1]);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function propertiesOf(resource: CfnRuntime): RuntimeProperties {
  const { Resources: resources } = Stack.of(resource).resolve(resource._toCloudFormation()) as {
    Resources: Record<string, { Properties?: RuntimeProperties }>;
  };
  return Object.values(resources)[0]?.Properties ?? {};
}
