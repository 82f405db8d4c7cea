/** A server sends its client to a place that the client does not go to. */
export class PlaceRefusedError extends Error {}

/** A server sends its client from HTTPS to HTTP, where anyone on the way could read and change what goes over it. */
export class DowngradeError extends PlaceRefusedError {}

/**
 * Where a server sends its client: by a redirect, by the place of an upload, by the address of another service.
 *
 * @param from - the URL that the server answered at
 * @param to - what it said, absolute or relative to that
 * @throws PlaceRefusedError when that is no URL
 * @throws DowngradeError when the connection would lose its encryption
 */
export function urlAfter(from: URL, to: string): URL {
  if (!URL.canParse(to, from)) {
    throw new PlaceRefusedError(`${from.origin} leads to ${JSON.stringify(to)}, which is no URL`);
  }
  const url = new URL(to, from);
  if (from.protocol === 'https:' && url.protocol !== 'https:') {
    throw new DowngradeError(`${from.origin} leads to ${url.origin}, which is not encrypted`);
  }
  return url;
}
