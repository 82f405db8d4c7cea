import { Lazy, StringConcat, Token, Tokenization, type IResolvable, type IResolveContext } from 'aws-cdk-lib';

/**
 * The same text, written by `Fn::Sub` where the CDK writes `Fn::Join`. Each reference takes a few characters then,
 * instead of lines of its own, and whoever reads the template sees the text.
 */
export function substituted(text: string): string {
  return Token.isUnresolved(text)
    ? Token.asString(Lazy.uncachedAny({ produce: context => resolvedOf(text, context) }))
    : text;
}

/** What is left of an object in a text. */
const AS_TEXT = '[object Object]';

function resolvedOf(text: string, context: IResolveContext): unknown {
  const resolved: unknown = context.resolve(text);
  return typeof resolved === 'string' && resolved.includes(AS_TEXT)
    ? spelledOut(text, context)
    : substitutionOf(resolved);
}

/** For a report, such as that of `Role.customizeRoles`, the CDK joins what is no text to texts as it is. */
function spelledOut(text: string, context: IResolveContext): unknown {
  const mapToken = (token: IResolvable): unknown => {
    const value: unknown = context.resolve(token);
    return namedIn(value) ?? value;
  };
  return Tokenization.reverseString(text).mapTokens({ mapToken }).join(new StringConcat());
}

/** What is resolved for another purpose than the template, such as to find references, is left as it is. */
function substitutionOf(resolved: unknown): unknown {
  const joined = argumentOf(resolved, 'Fn::Join');
  if (!isList(joined) || joined[0] !== '' || !isList(joined[1])) {
    return resolved;
  }
  const [, parts] = joined;
  const placeholders = parts.map(part => (typeof part === 'string' ? part.replaceAll('${', '${!') : namedIn(part)));
  // What a text cannot name gets a variable, which is nothing else's name.
  const others = [...new Set(parts.filter((_, index) => placeholders[index] === undefined).map(part => keyOf(part)))];
  const free = Array.from({ length: parts.length + others.length }, (_, index) => `value${index}`).filter(
    name => !placeholders.some(text => text?.includes(`{${name}}`) === true || text?.includes(`{${name}.`) === true),
  );
  const nameOf = (part: unknown): string => free[others.indexOf(keyOf(part))] ?? '';
  const text = parts.map((part, index) => placeholders[index] ?? `\${${nameOf(part)}}`).join('');
  const variables = Object.fromEntries(
    parts.flatMap((part, index) => (placeholders[index] === undefined ? [[nameOf(part), part]] : [])),
  ) as Record<string, unknown>;
  return { 'Fn::Sub': others.length === 0 ? text : [text, variables] };
}

/** How a text names what another part of the template tells; undefined for what it cannot name. */
function namedIn(part: unknown): string | undefined {
  const reference = argumentOf(part, 'Ref');
  const attribute = argumentOf(part, 'Fn::GetAtt');
  const substitution = argumentOf(part, 'Fn::Sub');
  if (typeof reference === 'string') {
    return `\${${reference}}`;
  }
  if (isList(attribute) && attribute.every(name => typeof name === 'string')) {
    return `\${${attribute.join('.')}}`;
  }
  return typeof substitution === 'string' ? substitution : undefined;
}

function keyOf(part: unknown): string {
  return JSON.stringify(part);
}

function argumentOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
