import type { IConstruct } from 'constructs';

/** How the value begins that `StringParameter.valueFromLookup` gives until the CDK has looked it up. */
const MADE_UP = 'dummy-value-for-';

const UNTIL_LOOKED_UP =
  ' (the CDK makes this value up before it looks the parameter up, which an error prevents: give ' +
  '`StringParameter.valueFromLookup` a value that is allowed as its third argument)';

/**
 * An error for the author of the app, which names the construct that was given the wrong value.
 *
 * The error class of the CDK itself is not part of its public API.
 *
 * @param scope - undefined where a value was given to what is no construct
 */
export function constructError(scope: IConstruct | undefined, ...problems: string[]): Error {
  const told = problems.map(problem => (problem.includes(MADE_UP) ? problem + UNTIL_LOOKED_UP : problem));
  const message =
    told.length === 1 ? told[0] : `${told.length} problems:\n${told.map(problem => `  - ${problem}`).join('\n')}`;
  return new Error(scope === undefined ? message : `[${scope.node.path}] ${message}`);
}

/** Fails when there is a problem, with all of them. */
export function refuse(scope: IConstruct | undefined, problems: readonly string[]): void {
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
}
