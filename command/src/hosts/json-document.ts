import { applyEdits, modify, parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { CommandError } from '../common/command-error';
import { BYTE_ORDER_MARK } from '../common/json-file';
import type { DocumentPath, HostDocument } from './host-document';

const SPACES = 2;

/**
 * JSON with comments and trailing commas.
 *
 * @throws CommandError with line and column where it is none
 */
export function jsonDocument(source: string, file: string): HostDocument {
  const mark = source.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const content = source.slice(mark.length);
  let text = content.trim() === '' ? '{}\n' : content;
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const before = text.slice(0, error.offset).split('\n');
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw new CommandError(
      `${file} is not JSON (${printParseErrorCode(error.error)}, ${place}): repair it, or use \`--print\``,
    );
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new CommandError(`${file} is JSON, but not an object: repair it, or use \`--print\``);
  }
  const change = (path: DocumentPath, value: unknown): void => {
    text = applyEdits(text, modify(text, [...path], value, { formattingOptions: formatOf(text) }));
  };
  return {
    get: path => path.reduce<unknown>(member, parse(text, [], { allowTrailingComma: true })),
    set: change,
    remove: path => change(path, undefined),
    text: () => mark + text,
  };
}

function member(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[name] : undefined;
}

/** As the file is indented already. */
function formatOf(text: string): { tabSize: number; insertSpaces: boolean; eol: string } {
  const [, indentation = ''] = /^([ \t]+)["}\]/]/m.exec(text) ?? [];
  return {
    tabSize: indentation.startsWith('\t') ? 1 : indentation.length || SPACES,
    insertSpaces: !indentation.startsWith('\t'),
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
