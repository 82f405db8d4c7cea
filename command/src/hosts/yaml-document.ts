import { isMap, parseDocument } from 'yaml';
import { CommandError } from '../common/command-error';
import type { HostDocument } from './host-document';

/**
 * YAML with comments.
 *
 * @throws CommandError with line and column where it is none
 */
export function yamlDocument(source: string, file: string): HostDocument {
  const document = parseDocument(source.trim() === '' ? '{}\n' : source);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new CommandError(`${file} is not YAML (${error.message.split('\n')[0]}): repair it, or use \`--print\``);
  }
  if (!isMap(document.contents)) {
    throw new CommandError(`${file} is YAML, but not a mapping: repair it, or use \`--print\``);
  }
  document.contents.flow = false;
  return {
    get: path => {
      const value: unknown = document.getIn(path, false);
      return isNode(value) ? value.toJSON() : value;
    },
    set: (path, value) => document.setIn(path, document.createNode(value)),
    remove: path => void document.deleteIn(path),
    text: () => document.toString({ lineWidth: 0 }),
  };
}

function isNode(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value;
}
