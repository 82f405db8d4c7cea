/**
 * What a terminal obeys or hides: control characters (C0 but the tab, C1), line and paragraph separators, those that
 * turn the direction of text, and other invisible ones.
 */
const NOT_PLAIN =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Colours of what a server writes, which change nothing but colours. */
const COLOURS = /\u001b\[[\d;:]*m/g;

/**
 * A text as one line of a log that nobody can forge: what a terminal obeys is written out (`\\u001b`), and what is
 * longer than allowed is cut.
 */
export function plainText(text: string, longest = Infinity): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(NOT_PLAIN, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same with the colours of a server's output. */
export function plainOutput(line: string): string {
  const colours = line.match(COLOURS) ?? [];
  return line
    .split(COLOURS)
    .map((text, index) => `${plainText(text)}${colours[index] ?? ''}`)
    .join('');
}

/** A text of several lines, each of them plain. */
export function plainLines(text: string): string {
  return text
    .split('\n')
    .map(line => plainOutput(line))
    .join('\n');
}
