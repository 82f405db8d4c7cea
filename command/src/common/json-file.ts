/** The mark at the begin of a file that editors on Windows write, and `JSON.parse` refuses. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** JSON as editors write it. */
export function parsedJson(text: string): unknown {
  return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
}
