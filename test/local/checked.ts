import { respondJson, type Exchange } from '../../local/src/http/exchange';
import { fetchByExchange } from '../../local/src/http/fetch-adapter';

/** What a check of the local runtime makes of a request: its result, or what it throws. */
export async function checked(
  check: (exchange: Exchange) => unknown,
  request: Request,
  limitBytes = Infinity,
): Promise<unknown> {
  let outcome: unknown;
  await fetchByExchange(
    request,
    async exchange => {
      outcome = await Promise.resolve(exchange)
        .then(check)
        .catch((error: unknown) => error);
      respondJson(exchange.response, 200, '{}');
    },
    limitBytes,
  );
  return outcome;
}

/** A request of MCP that says no more than it is told to. */
export function mcpRequest(init: RequestInit = {}): Request {
  return new Request('http://localhost/mcp', { method: 'POST', ...init });
}
