import type { ContractPrompt, ContractTool, ServerContract } from './check-report';
import { narrowings, sameJson, type Narrowing } from './schema-changes';

/** One change against the version that is live. */
export interface ContractChange {
  /** What it is allowed by: `tool:NAME`, `prompt:NAME` or `resource:URI`. */
  readonly subject: string;
  /** What changed, in a sentence without its subject. */
  readonly text: string;
}

/** How a server differs from the version that is live. */
export interface ContractChanges {
  /** What breaks a client, and was not allowed. */
  readonly breaking: readonly ContractChange[];
  /** What breaks a client, and was allowed by its subject. */
  readonly allowed: readonly ContractChange[];
  /** What was added, and words that changed. */
  readonly reported: readonly ContractChange[];
}

interface Changes {
  readonly breaking: string[];
  readonly reported: string[];
}

/**
 * Compares what a server offers with what its live version offers. Tools, prompts and resources that are gone, arguments
 * that are required now, arguments that take less, and results that promise less break a client.
 */
export function contractChanges(
  live: ServerContract,
  next: ServerContract,
  allowedChanges: readonly string[] = [],
): ContractChanges {
  const found = [
    ...paired('tool', live.tools, next.tools, toolChanges),
    ...paired('prompt', live.prompts, next.prompts, promptChanges),
    ...paired('resource', named(live.resources), named(next.resources), () => ({ breaking: [], reported: [] })),
  ];
  const breaking = found.flatMap(({ subject, changes }) => changes.breaking.map(text => ({ subject, text })));
  return {
    breaking: breaking.filter(({ subject }) => !allowedChanges.includes(subject)),
    allowed: breaking.filter(({ subject }) => allowedChanges.includes(subject)),
    reported: found.flatMap(({ subject, changes }) => changes.reported.map(text => ({ subject, text }))),
  };
}

/** A change in one line. */
export function changeText({ subject, text }: ContractChange): string {
  return `${subject} ${text}`;
}

function named(uris: readonly string[]): { name: string }[] {
  return uris.map(name => ({ name }));
}

function paired<T extends { readonly name: string }>(
  kind: string,
  live: readonly T[],
  next: readonly T[],
  compare: (live: T, next: T) => Changes,
): { subject: string; changes: Changes }[] {
  const byName = new Map(next.map(item => [item.name, item]));
  const known = new Set(live.map(({ name }) => name));
  return [
    ...live.map(item => {
      const successor = byName.get(item.name);
      const changes = successor ? compare(item, successor) : { breaking: ['was removed'], reported: [] };
      return { subject: `${kind}:${item.name}`, changes };
    }),
    ...next
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => ({ subject: `${kind}:${name}`, changes: { breaking: [], reported: ['was added'] } })),
  ];
}

function toolChanges(live: ContractTool, next: ContractTool): Changes {
  return {
    breaking: [
      ...narrowings(live.inputSchema, next.inputSchema).map(argumentText),
      ...outputChanges(live.outputSchema, next.outputSchema),
    ],
    reported: [
      ...(live.description === next.description ? [] : ['has another description']),
      ...(sameJson(words(live.inputSchema), words(next.inputSchema)) ? [] : ['has other words about its arguments']),
    ],
  };
}

/** What a client gets may be more than it was, and never less or something else. */
function outputChanges(live: ContractTool['outputSchema'], next: ContractTool['outputSchema']): string[] {
  if (live === undefined) {
    return [];
  }
  if (next === undefined) {
    return ['has no schema of its results any more'];
  }
  return narrowings(next, live)
    .filter(({ keyword }) => keyword !== 'properties' && keyword !== 'additionalProperties')
    .map(({ path, keyword, from, to }) =>
      keyword === 'required'
        ? `does not promise \`${path}\` in its results any more`
        : `may give ${path === '' ? 'results' : `\`${path}\``} that clients do not expect: \`${keyword}\` was ${shown(to)}, is ${shown(from)}`,
    );
}

function argumentText({ path, keyword, from, to }: Narrowing): string {
  if (keyword === 'required') {
    return `requires the argument \`${path}\`, which was not required`;
  }
  if (keyword === 'properties') {
    return `has no argument \`${path}\` any more`;
  }
  const what = path === '' ? 'its arguments' : `the argument \`${path}\``;
  return `takes less in ${what}: \`${keyword}\` was ${shown(from)}, is ${shown(to)}`;
}

function promptChanges(live: ContractPrompt, next: ContractPrompt): Changes {
  const before = live.arguments ?? [];
  const after = next.arguments ?? [];
  const wasRequired = new Set(before.filter(({ required }) => required).map(({ name }) => name));
  const gone = before.filter(({ name }) => !after.some(argument => argument.name === name));
  return {
    breaking: after
      .filter(({ name, required }) => required && !wasRequired.has(name))
      .map(({ name }) => `requires the argument \`${name}\`, which was not required`),
    reported: [
      ...(live.description === next.description ? [] : ['has another description']),
      ...gone.map(({ name }) => `has no argument \`${name}\` any more`),
    ],
  };
}

/** What people and models read in a schema. */
function words(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(words);
  }
  if (typeof schema !== 'object' || schema === null) {
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(schema).map(([name, member]) => [
      name,
      (name === 'description' || name === 'title') && typeof member === 'string' ? member : words(member),
    ]),
  );
}

const LONGEST = 80;

function shown(value: unknown): string {
  const text = value === undefined ? 'not there' : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
