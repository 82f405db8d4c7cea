import { readFileSync } from 'node:fs';
import { InputProblem } from '../common/input-problem';

/** In JSON of people: strings, which are kept, or comments. */
const COMMENTS = /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** In JSON of people: strings, which are kept, or commas before the end of a list. */
const TRAILING_COMMAS = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g;

/** Reads a JSON file as editors write it, some with a byte order mark. */
export function readJson(file: string): unknown {
  return parsed(file, text => text);
}

/** The same, for files in which comments and trailing commas are usual, such as tsconfig.json. */
export function readJsonWithComments(file: string): unknown {
  return parsed(file, text => text.replaceAll(COMMENTS, '$1').replaceAll(TRAILING_COMMAS, '$1'));
}

function parsed(file: string, prepare: (text: string) => string): unknown {
  const text = withoutByteOrderMark(readFileSync(file, 'utf8'));
  try {
    return JSON.parse(prepare(text)) as unknown;
  } catch (error) {
    throw new InputProblem(`${file} is no JSON (${(error as Error).message}): correct it`);
  }
}

/** Text as it is meant: editors on Windows begin a file with a mark that no parser expects. */
export function withoutByteOrderMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
