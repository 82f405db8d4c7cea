/** The end of a sentence that says of a name that it does not exist: the name, and those that there are. */
export function amongNames(name: string, names: readonly string[]): string {
  return `\`${name}\`. There is: ${names.join(', ') || 'none'}`;
}
