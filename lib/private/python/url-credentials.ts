import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentsOf, type ProgramFile } from '../program/program-files';
import { encodingOf } from './requirement-files';

/** What stands before the host in a URL: a name, a password, a token. Of several `@`, the last one ends it. */
const USER_INFO = /(\bhttps?:\/\/)([^/\s"'<>]+)@/gi;

/** https://pip.pypa.io/en/stable/reference/requirements-file-format/#using-environment-variables */
const VARIABLE = /^\$\{?\w+\}?$/;

/** Files that installers read, and servers do not. */
const FOR_INSTALLERS =
  /^(?:.*(?:requirements|constraints).*\.(?:txt|in)|pyproject\.toml|uv\.(?:toml|lock)|pylock(?:\.[^.]+)?\.toml|Pipfile(?:\.lock)?|(?:poetry|pdm)\.(?:toml|lock)|pip\.(?:conf|ini)|setup\.cfg|environment\.ya?ml)$/i;

/**
 * Files of a project without the names and passwords in the URLs of indexes and packages, which whoever can read the
 * bundle could read. The server needs none of them. A token that is another one each day would be another bundle, too.
 *
 * @param others - the names of further files for installers, such as what a file of requirements includes
 */
export function withoutUrlCredentials(files: readonly ProgramFile[], others: readonly string[]): ProgramFile[] {
  return files.map(file => {
    const isForInstallers = FOR_INSTALLERS.test(path.posix.basename(file.name)) || others.includes(file.name);
    const hidden = isForInstallers ? hiddenIn(contentsOf(file)) : undefined;
    return hidden === undefined ? file : { name: file.name, contents: hidden };
  });
}

/**
 * Takes them out of the metadata of installed packages, which repeats the dependencies of a project that was built.
 * Gives what is in the changed files, by their paths in the folder.
 */
export function hideUrlCredentials(folder: string): ReadonlyMap<string, Buffer> {
  const changed = new Map<string, Buffer>();
  for (const entry of readdirSync(folder).filter(name => name.endsWith('.dist-info'))) {
    const file = path.join(folder, entry, 'METADATA');
    const hidden = existsSync(file) ? hiddenIn(readFileSync(file)) : undefined;
    if (hidden !== undefined) {
      writeFileSync(file, hidden);
      changed.set(`${entry}/METADATA`, hidden);
    }
  }
  return changed;
}

/** Undefined where there is nothing to hide. */
function hiddenIn(contents: Uint8Array): Buffer | undefined {
  const encoding = encodingOf(contents);
  const text = Buffer.from(contents).toString(encoding);
  const hidden = text.replaceAll(USER_INFO, (whole, scheme: string, userInfo: string) =>
    VARIABLE.test(userInfo.replace(/^[^:]*:/, '')) ? whole : `${scheme}****@`,
  );
  return hidden === text ? undefined : Buffer.from(hidden, encoding);
}
