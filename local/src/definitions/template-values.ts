/** A value of a template: JSON with intrinsic functions in it. */
export type TemplateValue =
  string | number | boolean | null | undefined | readonly TemplateValue[] | { readonly [key: string]: TemplateValue };

/** What the functions of one template refer to. */
export interface TemplateScope {
  readonly pseudoParameters: Readonly<Record<string, string>>;
  /** Value of a parameter of the template, when it is known. */
  parameter(name: string): string | undefined;
  /** `Ref` (attribute undefined) or `Fn::GetAtt` of a resource that has a local counterpart. */
  resource(logicalId: string, attribute: string | undefined): string | undefined;
  /** Value of an export of another stack. */
  imported(name: string): TemplateValue;
  /**
   * What the logical id names, for error messages: a resource type, `parameter`, or undefined when the template has no
   * such thing.
   */
  kindOf(logicalId: string): string | undefined;
}

/** A reference to something that has no counterpart here; `reference` says which. */
export class UnresolvedReference extends Error {
  public constructor(public readonly reference: string) {
    super(reference);
  }
}

/**
 * Evaluates a template value: `Ref`, `Fn::GetAtt`, `Fn::Join`, `Fn::Sub`, `Fn::Select`, `Fn::Split`, `Fn::ImportValue`.
 *
 * @throws UnresolvedReference for anything that only AWS can evaluate
 */
export function evaluate(value: TemplateValue, scope: TemplateScope): TemplateValue {
  if (typeof value === 'string') {
    return withoutDynamicReference(value);
  }
  if (isList(value)) {
    return value.map(item => evaluate(item, scope)).filter(item => item !== undefined);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [''];
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return callFunction(name, argument, scope);
  }
  const evaluated: Record<string, TemplateValue> = {};
  for (const [key, item] of entries) {
    const result = evaluate(item, scope);
    if (result !== undefined) {
      evaluated[key] = result;
    }
  }
  return evaluated;
}

/** Evaluates a value that must be a text. Numbers and booleans become one, as CloudFormation makes them. */
export function evaluateText(value: TemplateValue, scope: TemplateScope): string {
  const result = evaluate(value, scope);
  if (typeof result === 'string') {
    return result;
  }
  if (typeof result === 'number' || typeof result === 'boolean') {
    return String(result);
  }
  throw new UnresolvedReference(JSON.stringify(value));
}

function callFunction(name: string, argument: TemplateValue, scope: TemplateScope): TemplateValue {
  switch (name) {
    case 'Ref':
      return reference(evaluateText(argument, scope), scope);
    case 'Fn::GetAtt':
      return attribute(argument, scope);
    case 'Fn::Join': {
      const [separator, parts] = pair(name, argument);
      return list(name, parts, scope)
        .map(part => evaluateText(part, scope))
        .join(evaluateText(separator, scope));
    }
    case 'Fn::Split': {
      const [separator, text] = pair(name, argument);
      return evaluateText(text, scope).split(evaluateText(separator, scope));
    }
    case 'Fn::Select': {
      const [index, items] = pair(name, argument);
      const selected = list(name, items, scope)[Number(evaluateText(index, scope))];
      if (selected === undefined) {
        throw new UnresolvedReference(shown(name, argument));
      }
      return evaluate(selected, scope);
    }
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::ImportValue':
      return scope.imported(evaluateText(argument, scope));
    default:
      throw new UnresolvedReference(shown(name, argument));
  }
}

function reference(name: string, scope: TemplateScope): string | undefined {
  if (name === 'AWS::NoValue') {
    return undefined;
  }
  const value = scope.pseudoParameters[name] ?? scope.parameter(name) ?? scope.resource(name, undefined);
  if (value === undefined) {
    throw new UnresolvedReference(`Ref: ${name}${described(name, scope)}`);
  }
  return value;
}

function attribute(argument: TemplateValue, scope: TemplateScope): string {
  const path =
    typeof argument === 'string'
      ? argument.split('.')
      : list('Fn::GetAtt', argument, scope).map(part => evaluateText(part, scope));
  const [logicalId = '', ...names] = path;
  const value = scope.resource(logicalId, names.join('.'));
  if (value === undefined) {
    throw new UnresolvedReference(`Fn::GetAtt: ${path.join('.')}${described(logicalId, scope)}`);
  }
  return value;
}

function substitute(argument: TemplateValue, scope: TemplateScope): string {
  const [text, variables] = isList(argument) ? pair('Fn::Sub', argument) : [argument, {}];
  const own = typeof variables === 'object' && variables !== null ? (variables as Record<string, TemplateValue>) : {};
  return withoutDynamicReference(
    evaluateText(text, scope).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) {
        return `\${${name}}`;
      }
      const value = own[name];
      if (value !== undefined) {
        return evaluateText(value, scope);
      }
      return name.includes('.') ? attribute(name, scope) : evaluateText({ Ref: name }, scope);
    }),
  );
}

function withoutDynamicReference(text: string): string {
  const dynamic = /\{\{resolve:[^}]*\}\}/.exec(text);
  if (dynamic) {
    throw new UnresolvedReference(dynamic[0]);
  }
  return text;
}

function list(name: string, argument: TemplateValue, scope: TemplateScope): readonly TemplateValue[] {
  const items = isList(argument) ? argument : evaluate(argument, scope);
  if (!isList(items)) {
    throw new UnresolvedReference(shown(name, argument));
  }
  return items;
}

function pair(name: string, argument: TemplateValue): [TemplateValue, TemplateValue] {
  if (!isList(argument) || argument.length !== 2) {
    throw new UnresolvedReference(shown(name, argument));
  }
  return [argument[0], argument[1]];
}

/** Array.isArray does not tell a readonly array from the other members of the union. */
function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

function described(logicalId: string, scope: TemplateScope): string {
  const kind = scope.kindOf(logicalId);
  return kind === undefined ? '' : ` (${kind})`;
}

function shown(name: string, argument: TemplateValue): string {
  return `${name}: ${JSON.stringify(argument)}`;
}
