import { existsSync, statSync, type Stats } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kind, withoutNul } from './kinds';

/** A URL as `new URL()` makes it. */
export interface FileUrl {
  readonly href: string;
}

/** A path on this machine, or a `file:` URL that names one. */
export const filePath = withoutNul(
  kind(
    'a path, or a `file:` URL',
    'give a path on this machine',
    value =>
      (typeof value === 'string' && value.trim() !== '' && !isOtherUrl(value) && isReadable(value)) ||
      (isUrl(value) && isFileUrl(value.href) && isReadable(value.href)),
  ),
);

export function pathOf(given: string | FileUrl): string {
  const href = typeof given === 'string' ? given : given.href;
  return isFileUrl(href) ? fileURLToPath(href) : href;
}

/** What is at a path; undefined where nothing is, or where what should be a folder on the way is none. */
export function statsOf(file: string): Stats | undefined {
  return existsSync(file) ? statSync(file) : undefined;
}

function isUrl(value: unknown): value is FileUrl {
  return typeof value === 'object' && value !== null && 'href' in value && typeof value.href === 'string';
}

/** A `file:` URL may name another host, or have an escape that no path can have. */
function isReadable(text: string): boolean {
  try {
    return !pathOf(text).includes('\0');
  } catch {
    return false;
  }
}

function isFileUrl(text: string): boolean {
  return /^file:\/\//i.test(text);
}

/** Two letters at least: one is a drive of Windows. */
function isOtherUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !isFileUrl(text);
}
