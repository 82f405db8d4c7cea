/**
 * The headers of a server's response without the address of its process, which is for this program alone: URLs to it
 * become relative (RFC 3986, section 4.2), and what names it otherwise is left out.
 *
 * @param headers - names and values in turn
 */
export function withoutPrivateAddress(headers: string[], port: number): string[] {
  // Almost all are without.
  if (!headers.some(text => text.includes(`:${port}`))) {
    return headers;
  }
  const address = `(?:localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::1?\\]):${port}(?!\\d)`;
  const url = new RegExp(`(?:[a-z][a-z0-9+.-]*:)?//(?:[^/@\\s]*@)?${address}(?=([/?#])?)`, 'gi');
  const bare = new RegExp(`(?<![\\w.])${address}`, 'i');
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const value = (headers[index + 1] as string).replace(url, (_, next?: string) => (next === '/' ? '' : '/'));
    if (!bare.test(value)) {
      kept.push(headers[index] as string, value);
    }
  }
  return kept;
}
