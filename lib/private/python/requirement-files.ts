import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withoutByteOrderMark } from '../program/json-files';

/** A file of requirements, or one that such a file includes. */
export interface RequirementFile {
  readonly file: string;

  /** It limits versions, and asks for nothing itself (`-c`). */
  readonly isConstraint: boolean;
  readonly text: string;
}

const INCLUDE = /^[ \t]*(-r|-c|--requirement|--constraint)[= \t][ \t]*([^\r\n]+)/gm;
const HASH = /\s--hash[= ]/;
const DEFAULT_INDEX = /^[ \t]*(?:-i|--index-url)[= \t][ \t]*(\S+)/gm;
const FURTHER_INDEX = /^[ \t]*--extra-index-url[= \t][ \t]*(\S+)/gm;

/** https://pip.pypa.io/en/stable/reference/requirements-file-format/#using-environment-variables */
const VARIABLE = /\$\{([A-Z0-9_]+)\}/g;

/** A file with all that it includes, each once: `-r base.txt`, `--constraint=versions.txt`. */
export function requirementFiles(file: string): RequirementFile[] {
  return filesFrom(path.resolve(file), false, new Map());
}

function filesFrom(file: string, isConstraint: boolean, found: Map<string, RequirementFile>): RequirementFile[] {
  if (!found.has(file) && existsSync(file)) {
    const text = textOf(file);
    found.set(file, { file, isConstraint, text });
    for (const [, option = '', value = ''] of text.matchAll(INCLUDE)) {
      const included = path.resolve(
        path.dirname(file),
        value
          .replace(/\s#.*$/, '')
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2'),
      );
      filesFrom(included, isConstraint || /^--?c/.test(option), found);
    }
  }
  return [...found.values()];
}

function textOf(file: string): string {
  const contents = readFileSync(file);
  return withoutByteOrderMark(contents.toString(encodingOf(contents)));
}

/** PowerShell writes UTF-16, which installers read, too. */
export function encodingOf(contents: Uint8Array): 'utf16le' | 'utf8' {
  return contents[0] === 0xff && contents[1] === 0xfe ? 'utf16le' : 'utf8';
}

/** Whoever has named hashes wants them compared, and has named exact versions. */
export function hasHashes({ text }: RequirementFile): boolean {
  return HASH.test(text);
}

/**
 * The indexes that the files name, with the names and passwords in their URLs, as variables for uv: a lock has neither.
 */
export function indexVariables(files: readonly RequirementFile[]): NodeJS.ProcessEnv {
  const named = (option: RegExp): string[] =>
    files
      .flatMap(({ text }) => [...text.matchAll(option)])
      .map(([, url = '']) => url.replace(VARIABLE, (whole, name: string) => process.env[name] ?? whole));
  const { UV_DEFAULT_INDEX, UV_INDEX_URL, UV_INDEX } = process.env;
  const chosen = UV_DEFAULT_INDEX ?? UV_INDEX_URL ?? named(DEFAULT_INDEX).at(-1);
  const further = [...(UV_INDEX === undefined ? [] : [UV_INDEX]), ...named(FURTHER_INDEX)];
  return {
    ...(chosen === undefined ? {} : { UV_DEFAULT_INDEX: chosen }),
    ...(further.length === 0 ? {} : { UV_INDEX: further.join(' ') }),
  };
}
