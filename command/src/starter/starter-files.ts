import { readFile } from 'node:fs/promises';
import { readmeOf } from './readme';
import type { Starter } from './starter';

/** Files of a part of the sample, by path. */
type Files = Readonly<Record<string, string>>;

type Part = 'project' | 'compiler' | 'typescript' | 'python' | 'cdk-typescript' | 'cdk-python';

/** The name of the sample, as its files have it. */
const SAMPLE_NAME = 'table-booking';

/** How the apps of the sample package their server, which is in TypeScript, and how they package one in Python. */
const CODE: readonly (readonly [typescript: string, python: string])[] = [
  [`McpServerCode.fromTypeScript('server/main.ts')`, `McpServerCode.fromPython('server')`],
  ['McpServerCode.from_type_script("server/main.ts")', 'McpServerCode.from_python("server")'],
];

/** Everything that is written, by path. It is `samples/starter` of the repository, in parts that fit the choice. */
export async function starterFiles(starter: Starter): Promise<Files> {
  const sample = JSON.parse(await readFile(new URL('../starter.json', import.meta.url), 'utf8')) as Record<Part, Files>;
  const { server, cdk } = starter;
  const parts: Part[] = ['project', server];
  if (server === 'typescript' || cdk === 'typescript') {
    parts.push('compiler');
  }
  if (cdk !== 'none') {
    parts.push(`cdk-${cdk}`);
  }
  const files: Record<string, string> = {
    'README.md': readmeOf(starter),
    'package.json': JSON.stringify({ name: SAMPLE_NAME }),
  };
  for (const [path, text] of parts.flatMap(part => Object.entries(sample[part]))) {
    const before = files[path];
    files[path] = before === undefined ? text : merged(before, text);
  }
  return Object.fromEntries(
    Object.entries(files)
      .map(([path, text]) => [path === 'gitignore' ? '.gitignore' : path, adapted(text, starter)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function adapted(text: string, { name, server }: Starter): string {
  const named = text.replaceAll(SAMPLE_NAME, name).replaceAll(pascalCase(SAMPLE_NAME), pascalCase(name));
  return server === 'python'
    ? CODE.reduce((code, [typescript, python]) => code.replace(typescript, python), named)
    : named;
}

function pascalCase(name: string): string {
  return name.replace(/(^|-)(.)/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
}

/** Two package.json in one: what the second says goes before; scripts and dependencies are those of both. */
function merged(one: string, other: string): string {
  const [first, second] = [one, other].map(text => JSON.parse(text) as Record<string, unknown>);
  const result: Record<string, unknown> = { ...first };
  for (const [member, value] of Object.entries(second ?? {})) {
    const before = result[member];
    result[member] = isObject(before) && isObject(value) ? sorted({ ...before, ...value }) : value;
  }
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

function sorted(object: object): object {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
