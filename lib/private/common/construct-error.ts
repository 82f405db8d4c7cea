import type { IConstruct } from 'constructs';

/**
 * An error for the author of the app, which names the construct that was given the wrong value.
 *
 * The error class of the CDK itself is not part of its public API.
 *
 * @param scope - undefined where a value was given to what is no construct
 */
export function constructError(scope: IConstruct | undefined, ...problems: string[]): Error {
  const message =
    problems.length === 1
      ? problems[0]
      : `${problems.length} problems:\n${problems.map(problem => `  - ${problem}`).join('\n')}`;
  return new Error(scope === undefined ? message : `[${scope.node.path}] ${message}`);
}

/** Fails when there is a problem, with all of them. */
export function refuse(scope: IConstruct | undefined, problems: readonly string[]): void {
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
}
