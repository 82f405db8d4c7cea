import { extractWWWAuthenticateParams, type FetchLike } from '@modelcontextprotocol/client';

/** The smallest request there is: it is refused before anything is started for it. */
const PING = JSON.stringify({ jsonrpc: '2.0', id: 'sign-in', method: 'ping' });

/** How a server challenges a request without a token; `undefined` when it does not. */
export async function unauthorizedChallenge(
  fetch: FetchLike,
  url: URL,
  signal?: AbortSignal,
): Promise<ReturnType<typeof extractWWWAuthenticateParams> | undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: PING,
    ...(signal && { signal }),
  });
  await response.body?.cancel();
  return response.status === 401 ? extractWWWAuthenticateParams(response) : undefined;
}
