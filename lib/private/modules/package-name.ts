import { escaped } from './patched';

/** https://docs.npmjs.com/cli/v10/configuring-npm/package-json#name */
const PACKAGE_NAME = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/i;

/** The end of the message about what is none. */
export const PACKAGE_NAMES_ALLOWED = 'names of npm packages are allowed, without a version or a path: correct it';

export function isPackageName(name: string): boolean {
  return PACKAGE_NAME.test(name);
}

/** The package of what is imported: `@scope/name/file` is in `@scope/name`. */
export function packageOfImport(name: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '';
}

/** Of esbuild's patterns, those that name a whole package: `sharp`, `@scope/*`, `sharp/*`. */
export function packageMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns
    .map(pattern => (/^(?:@[^/]+\/)?[^@/*]+\/\*$/.test(pattern) ? pattern.slice(0, -2) : pattern))
    .map(pattern => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`));
  return name => expressions.some(expression => expression.test(name));
}
