// The client of the jest example: starts another session when its own is gone.
export interface WordsClient {
  remember(word: string): Promise<string[]>;
}

export function newClient(url: string): WordsClient {
  let sessionId: string | undefined;
  const send = (method: string, params: object): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(sessionId && { 'mcp-session-id': sessionId }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const open = async (): Promise<void> => {
    sessionId = undefined;
    sessionId = (await send('initialize', {})).headers.get('mcp-session-id') ?? undefined;
  };
  return {
    async remember(word) {
      if (sessionId === undefined) {
        await open();
      }
      const call = (): Promise<Response> => send('tools/call', { name: 'remember', arguments: { word } });
      let response = await call();
      if (response.status === 404) {
        await open();
        response = await call();
      }
      return ((await response.json()) as { result: string[] }).result;
    },
  };
}
