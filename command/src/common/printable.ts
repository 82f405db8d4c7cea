/**
 * What a terminal obeys or what turns text around: control characters (C0 but tab and line end, C1), line and paragraph
 * separators, and those that embed, override or isolate a direction.
 */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** The same and marks of a direction, which text in a right-to-left script may have but no name needs. */
const NOT_IN_NAMES = /[\u061c\u200e\u200f]/g;

/** Makes what a server sent safe to print: control characters could move the cursor or fake output. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(OBEYED, '');
}

/** The same on one line, for names and what stands beside them: another line would look like one of this program. */
export function printableLine(text: string): string {
  return printable(text)
    .replace(NOT_IN_NAMES, '')
    .replace(/\s*\n\s*/g, ' ');
}

/** The same JSON, with what a terminal obeys written as escapes, which change no value. */
export function printableJson(json: string): string {
  return json.replace(OBEYED, escaped).replace(NOT_IN_NAMES, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
