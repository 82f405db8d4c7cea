export type JsonRpcId = string | number | null;

export function jsonRpcError(code: number, message: string, id: JsonRpcId): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}
