/** https://docs.npmjs.com/cli/v10/configuring-npm/package-json#name */
const PACKAGE_NAME = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/i;

/** The end of the message about what is none. */
export const PACKAGE_NAMES_ALLOWED = 'names of npm packages are allowed, without a version or a path: correct it';

export function isPackageName(name: string): boolean {
  return PACKAGE_NAME.test(name);
}
