import { Token } from 'aws-cdk-lib';

type Value = string | readonly string[] | Readonly<Record<string, string | boolean>>;

/** What is wrong with props that are needed now, and of which CloudFormation alone will know the value. */
export function unresolvedProblems(props: Readonly<Record<string, Value | undefined>>): string[] {
  return Object.entries(props)
    .filter(([, value]) => Token.isUnresolved(value) || partsOf(value).some(part => Token.isUnresolved(part)))
    .map(
      ([prop, value]) =>
        `\`${prop}\` ${typeof value === 'string' ? 'is' : 'has'} an unresolved token; it is needed now, before the deployment: give a value that is known at synthesis`,
    );
}

function partsOf(value: Value | undefined): unknown[] {
  return typeof value === 'object' ? [...Object.keys(value), ...Object.values<unknown>(value)] : [];
}
