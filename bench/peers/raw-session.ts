/** Sessions by `fetch` alone, where the work of a client would hide what is measured. */
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/**
 * Opens a session the way a client does, and gives its id and the milliseconds from the initialize request to its
 * complete answer.
 */
export async function openSession(url: string): Promise<{ sessionId: string; answeredMs: number }> {
  const began = performance.now();
  const response = await post(url, {
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
  });
  const body = await response.text();
  const answeredMs = performance.now() - began;
  const sessionId = response.headers.get('mcp-session-id');
  if (response.status !== 200 || sessionId === null) {
    throw new Error(`initialize answered ${response.status} without a session: ${body}`);
  }
  await (await post(url, { method: 'notifications/initialized' }, sessionId)).text();
  return { sessionId, answeredMs };
}

export async function closeSession(url: string, sessionId: string): Promise<void> {
  await (
    await fetch(url, {
      method: 'DELETE',
      headers: { 'mcp-session-id': sessionId, 'mcp-protocol-version': '2025-11-25' },
    })
  ).text();
}

export interface FirstByte {
  readonly elapsedMs: number;
  /** Whether the report arrived, or the result alone. */
  readonly reported: boolean;
}

/** Calls the tool that reports first and answers later, and gives the milliseconds to its report. */
export async function timeToReport(url: string, sessionId: string): Promise<FirstByte> {
  const began = performance.now();
  const response = await post(
    url,
    { id: 2, method: 'tools/call', params: { name: 'report', arguments: {}, _meta: { progressToken: 'report' } } },
    sessionId,
  );
  const decoder = new TextDecoder();
  let text = '';
  let elapsedMs: number | undefined;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('notifications/progress')) {
      elapsedMs ??= performance.now() - began;
    }
  }
  if (!text.includes('done')) {
    throw new Error(`the call was answered with ${response.status}: ${text}`);
  }
  return { elapsedMs: elapsedMs ?? performance.now() - began, reported: elapsedMs !== undefined };
}

function post(url: string, message: object, sessionId?: string): Promise<Response> {
  const session: Record<string, string> =
    sessionId === undefined ? {} : { 'mcp-session-id': sessionId, 'mcp-protocol-version': '2025-11-25' };
  return fetch(url, {
    method: 'POST',
    headers: { ...HEADERS, ...session },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
}
