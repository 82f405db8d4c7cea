import type { FetchLike } from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import type { Auth } from './auth';

/** RFC 6750: what a header can carry as a token. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * Sends a bearer token that was obtained elsewhere.
 *
 * @param token - the token, or a function that is asked for it with each request. After a 401 it is asked once more,
 * and the request is repeated if it gives back another one.
 */
export function bearer(token: string | (() => string | Promise<string>)): Auth {
  if (typeof token !== 'function') {
    checked(token);
  }
  return {
    authorized: (fetch: FetchLike): FetchLike => {
      return async (url, init) => {
        const current = await tokenOf(token);
        const response = await fetch(url, withBearer(init, current));
        if (response.status !== 401 || typeof token !== 'function') {
          return response;
        }
        const next = await tokenOf(token);
        if (next === current) {
          return response;
        }
        await response.body?.cancel();
        return fetch(url, withBearer(init, next));
      };
    },
  };
}

/** A request with a bearer token. */
export function withBearer(init: RequestInit | undefined, token: string): RequestInit {
  const headers = new Headers(init?.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}

async function tokenOf(token: string | (() => string | Promise<string>)): Promise<string> {
  if (typeof token !== 'function') {
    return token;
  }
  let given: string;
  try {
    given = await token();
  } catch (cause) {
    throw new StatefulMcpClientError(
      'ERR_CREDENTIALS',
      `the function given to bearer() failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return checked(given);
}

/** The token itself never gets into a message. */
function checked(token: unknown): string {
  if (typeof token !== 'string' || !TOKEN.test(token)) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      'the token of bearer() must be a text of visible ASCII characters without a space; pass it without the word `Bearer`',
    );
  }
  return token;
}
