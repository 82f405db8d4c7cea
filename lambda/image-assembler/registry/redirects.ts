import type { HttpResponse } from '../../common/http-transport';

export const MAX_REDIRECTS = 5;

/** Where a response leads, absolute or relative; undefined for all that is no redirect. */
export function redirectOf({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? headers.location : undefined;
}
