import { fileURLToPath } from 'node:url';
import { kind } from './kinds';

/** A URL as `new URL()` makes it. */
export interface FileUrl {
  readonly href: string;
}

/** A path on this machine, or a `file:` URL that names one. */
export const filePath = kind(
  'a path, or a `file:` URL',
  'give a path on this machine',
  value => (typeof value === 'string' && !isOtherUrl(value)) || (isUrl(value) && isFileUrl(value.href)),
);

export function pathOf(given: string | FileUrl): string {
  const href = typeof given === 'string' ? given : given.href;
  return isFileUrl(href) ? fileURLToPath(href) : href;
}

function isUrl(value: unknown): value is FileUrl {
  return typeof value === 'object' && value !== null && 'href' in value && typeof value.href === 'string';
}

function isFileUrl(text: string): boolean {
  return /^file:\/\//i.test(text);
}

/** Two letters at least: one is a drive of Windows. */
function isOtherUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !isFileUrl(text);
}
