import type { FetchLike } from '@modelcontextprotocol/client';
import type { Endpoint } from '../common/endpoint';

/**
 * How requests show who sends them: `sigV4()`, `bearer()`, `oauth()`, `clientCredentials()`, or one of your own.
 */
export interface Auth {
  /**
   * Puts credentials on every request to an endpoint.
   *
   * @param fetch - sends the requests
   * @param endpoint - where they go
   */
  authorized(fetch: FetchLike, endpoint: Endpoint): FetchLike;

  /**
   * Has credentials ready before the first request, while there is no time limit that a person could miss.
   *
   * @default - they are looked for with the first request
   */
  prepare?(fetch: FetchLike, endpoint: Endpoint, signal: AbortSignal): Promise<void>;
}
