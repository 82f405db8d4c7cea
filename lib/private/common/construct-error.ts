import type { IConstruct } from 'constructs';

/**
 * An error for the author of the app, which names the construct that was given the wrong value.
 *
 * The error class of the CDK itself is not part of its public API.
 */
export function constructError(scope: IConstruct, ...problems: string[]): Error {
  const message =
    problems.length === 1
      ? problems[0]
      : `${problems.length} problems:\n${problems.map(problem => `  - ${problem}`).join('\n')}`;
  return new Error(`[${scope.node.path}] ${message}`);
}
