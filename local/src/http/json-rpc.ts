/** The `id` of a JSON-RPC message as it was written in it: a number that JavaScript would round stays what it is. */
export type JsonRpcId = string;

export const NO_ID: JsonRpcId = 'null';

/** Strings, and numbers outside of them, of a text that is JSON. */
const SCALARS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;
/** Stands in front of a number that was made a string. */
const NUMBER = '\u0000';

/** The id of the message in a text; `null` when it has none that JSON-RPC allows. */
export function idOf(text: string, message: unknown): JsonRpcId {
  const id = memberId(message);
  if (typeof id === 'string' || Number.isSafeInteger(id)) {
    return JSON.stringify(id);
  }
  if (typeof id !== 'number') {
    return NO_ID;
  }
  const withTexts = text.replace(SCALARS, scalar =>
    scalar.startsWith('"') ? scalar : JSON.stringify(NUMBER + scalar),
  );
  return (memberId(JSON.parse(withTexts)) as string).slice(NUMBER.length);
}

export function jsonRpcError(code: number, message: string, id: JsonRpcId = NO_ID): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message })}}`;
}

function memberId(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
}
