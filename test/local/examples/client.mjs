// The client of the examples: starts another session when its own is gone.
export function newClient(url) {
  let sessionId;
  const send = (method, params) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(sessionId && { 'mcp-session-id': sessionId }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const open = async () => {
    sessionId = undefined;
    sessionId = (await send('initialize', {})).headers.get('mcp-session-id');
  };
  return {
    async remember(word) {
      if (!sessionId) {
        await open();
      }
      const call = () => send('tools/call', { name: 'remember', arguments: { word } });
      let response = await call();
      if (response.status === 404) {
        await open();
        response = await call();
      }
      return (await response.json()).result;
    },
  };
}
