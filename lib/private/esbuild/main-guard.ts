import { existsSync, readFileSync } from 'node:fs';
import type { OwnPlace } from './import-meta';

/** How sources ask whether they are the program that was started, by themselves or by a function of another one. */
const ASKS =
  /process\s*\.\s*argv|process\s*\??\.\s*mainModule|require\s*\.\s*main|import\.meta\.main|\w*main\w*\(\s*import\.meta/i;

/** Whether a use of what a module calls itself may decide that it is the program that was started. */
export function asksForMain({ source, field }: OwnPlace, entry: string): boolean {
  if (field === 'required' || source === undefined) {
    return field === 'required';
  }
  if (source === entry || field === 'dirname') {
    return false;
  }
  return field === 'main' || field === '' || (existsSync(source) && ASKS.test(readFileSync(source, 'utf8')));
}
