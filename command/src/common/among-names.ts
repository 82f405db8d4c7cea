import { printableLine } from './printable';

/** The end of a sentence that says of a name that it does not exist: the name, and those that there are. */
export function amongNames(name: string, names: readonly string[]): string {
  return `\`${printableLine(name)}\`. There is: ${names.map(printableLine).join(', ') || 'none'}`;
}
