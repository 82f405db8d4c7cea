import { isDeepStrictEqual } from 'node:util';
import { CommandError } from '../common/command-error';
import type { InstallDocument } from '../common/json-documents';
import type { Host, HostEntry } from './host';
import type { HostDocument } from './host-document';

/** What became of an entry. */
export type Change = InstallDocument['change'];

/** Members with variables, to which people add their own. */
const SHARED = ['env', 'envs'];
const INPUTS = 'inputs';

/** Puts an entry into the file of a host, or what is new of it. What people have added to it stays. */
export function merge(document: HostDocument, host: Host, name: string, { members, inputs = [] }: HostEntry): Change {
  const entries = sectionOf(document, host.section);
  const before = entries?.[name];
  let changed = false;
  const set = (path: (string | number)[], value: unknown): void => {
    if (!isDeepStrictEqual(document.get(path), value)) {
      document.set(path, value);
      changed = true;
    }
  };
  if (!isObject(before)) {
    set([host.section, name], members);
  } else {
    for (const owned of host.owned.filter(member => member in before && !(member in members))) {
      document.remove([host.section, name, owned]);
      changed = true;
    }
    for (const [member, value] of Object.entries(members)) {
      if (SHARED.includes(member) && isObject(before[member]) && isObject(value)) {
        Object.entries(value).forEach(([variable, text]) => set([host.section, name, member, variable], text));
      } else {
        set([host.section, name, member], value);
      }
    }
  }
  for (const { id, definition } of inputs) {
    const listed = listedInputs(document);
    const index = listed.findIndex(input => isObject(input) && input.id === id);
    if (document.get([INPUTS]) === undefined) {
      document.set([INPUTS], []);
    }
    set([INPUTS, index === -1 ? listed.length : index], definition);
  }
  return !changed ? 'unchanged' : before === undefined ? 'added' : 'replaced';
}

/** Takes an entry out of the file of a host, and what was put there for its sake. */
export function remove(document: HostDocument, host: Host, name: string): Change {
  if (sectionOf(document, host.section)?.[name] === undefined) {
    return 'absent';
  }
  document.remove([host.section, name]);
  const inputs = listedInputs(document);
  for (const [index, input] of [...inputs.entries()].reverse()) {
    if (isObject(input) && typeof input.id === 'string' && input.id.startsWith(`stateful-mcp.${name}.`)) {
      document.remove([INPUTS, index]);
    }
  }
  return 'removed';
}

function listedInputs(document: HostDocument): readonly unknown[] {
  const inputs = document.get([INPUTS]);
  return Array.isArray(inputs) ? (inputs as unknown[]) : [];
}

function sectionOf(document: HostDocument, section: string): Record<string, unknown> | undefined {
  const entries = document.get([section]);
  if (entries === undefined || entries === null) {
    if (entries === null) {
      document.remove([section]);
    }
    return undefined;
  }
  if (!isObject(entries)) {
    throw new CommandError(
      `\`${section}\` of the file is no object, got ${JSON.stringify(entries)}: repair it, or use \`--print\``,
    );
  }
  return entries;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
