import { nearestWord } from './nearest-word';

/**
 * The end of a sentence that says of a name that it does not exist: with the one that was probably meant, and those
 * that there are.
 */
export function amongNames(name: string, names: readonly string[]): string {
  const nearest = nearestWord(name, names);
  return `\`${name}\`${nearest ? `: did you mean \`${nearest}\`?` : '.'} There is: ${names.join(', ') || 'none'}`;
}
