import type { FetchLike } from '@modelcontextprotocol/client';

/**
 * Gives an error body without `id` the id of the request it answers.
 *
 * AgentCore sends such bodies (seen for -32010 when a server takes too long to start). Without an id the error belongs
 * to no request, and the call would wait for its timeout.
 */
export function withAnswerIds(fetch: FetchLike): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    const id = requestIdOf(init);
    if (id === undefined || !response.ok || !/^application\/json\b/i.test(response.headers.get('content-type') ?? '')) {
      return response;
    }
    const text = await response.text();
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    headers.delete('content-encoding');
    return new Response(withId(text, id), { status: response.status, statusText: response.statusText, headers });
  };
}

type RequestId = string | number;

function requestIdOf(init: RequestInit | undefined): RequestId | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') {
    return undefined;
  }
  const { id, method } = JSON.parse(init.body) as { id?: RequestId; method?: string };
  return method === undefined ? undefined : id;
}

function withId(text: string, id: RequestId): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof body !== 'object' || body === null || !('error' in body) || ('id' in body && body.id !== null)) {
    return text;
  }
  return JSON.stringify({ ...body, id });
}
