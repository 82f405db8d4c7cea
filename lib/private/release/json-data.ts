import { Stack, Token, Tokenization } from 'aws-cdk-lib';
import { described, hasMember, isPlainObject, kind, type Kind } from '../common/kinds';

const object = kind('an object of JSON', 'give the members by their names', isPlainObject);

/**
 * An object as JSON has it, also where the deployment is the first to know a value. It is in the template, so that no
 * secret may be in it.
 */
export const jsonObject: Kind = (value, name) =>
  isPlainObject(value)
    ? Object.keys(value).flatMap(member => [
        ...nameProblems(member, name),
        ...valueProblems(value[member], `${name}.${member}`),
      ])
    : object(value, name);

/** CloudFormation has no references in place of a name, and the CDK loses what is under the other one. */
function nameProblems(member: string, name: string): string[] {
  const wrong = Token.isUnresolved(member)
    ? 'an unresolved token'
    : member === '__proto__'
      ? 'the name `__proto__`'
      : undefined;
  return wrong === undefined
    ? []
    : [`\`${name}\` has a member under ${wrong}; a name that is known is allowed: give it one, or leave it out`];
}

function valueProblems(value: unknown, name: string): string[] {
  if (hasMember(value, 'unsafeUnwrap()')) {
    return [`\`${name}\` is a secret; what is in the template anybody may read: leave it out`];
  }
  if (Array.isArray(value)) {
    return Array.from<unknown, string[]>(value, (member, index) => valueProblems(member, `${name}[${index}]`)).flat();
  }
  if (isPlainObject(value)) {
    return jsonObject(value, name);
  }
  return isData(value)
    ? []
    : [
        `\`${name}\` is ${described(value)}; a text, a finite number, true, false, null, a list or an object is allowed: give one, or leave it out`,
      ];
}

function isData(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    // A stack has a method of the same name, for others.
    (Tokenization.isResolvable(value) && !Stack.isStack(value))
  );
}
