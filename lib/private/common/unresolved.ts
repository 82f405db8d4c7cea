import { Token } from 'aws-cdk-lib';

/** What is wrong with props that are needed now, and of which CloudFormation alone will know the value. */
export function unresolvedProblems(props: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  return Object.entries(props)
    .filter(
      ([, value]) =>
        Token.isUnresolved(value) || (Array.isArray(value) && value.some(element => Token.isUnresolved(element))),
    )
    .map(
      ([prop, value]) =>
        `\`${prop}\` ${Array.isArray(value) ? 'has' : 'is'} an unresolved token; it is needed now, before the deployment: give a value that is known at synthesis`,
    );
}
