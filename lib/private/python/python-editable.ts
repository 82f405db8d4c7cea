import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Installed packages that lead to sources of this machine instead of bringing them, each with where to. A `.pth` file
 * that does something else is let in: setuptools brings one, for example. It does nothing in a bundle.
 *
 * @see https://packaging.python.org/en/latest/specifications/direct-url-data-structure/
 * @see https://docs.python.org/3/library/site.html
 */
export function editablePackages(folder: string): string[] {
  const entries = readdirSync(folder);
  const editable = entries
    .filter(entry => entry.endsWith('.dist-info'))
    .flatMap(entry => {
      const { url, dir_info: info } = directUrl(path.join(folder, entry, 'direct_url.json'));
      return info?.editable === true ? [`${entry.replace(/-.*$/, '')} (${url})`] : [];
    });
  const leadingOut = entries
    .filter(entry => entry.endsWith('.pth'))
    .flatMap(entry => {
      const outside = readFileSync(path.join(folder, entry), 'utf8')
        .split(/\r?\n/)
        .find(line => path.isAbsolute(line));
      return outside === undefined ? [] : [`${entry} (${outside})`];
    });
  return editable.length > 0 ? editable : leadingOut;
}

interface DirectUrl {
  readonly url?: string;
  readonly dir_info?: { readonly editable?: boolean };
}

function directUrl(file: string): DirectUrl {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DirectUrl) : {};
}
