import type { Auth } from 'stateful-mcp-client';

/** A request to a service of AWS that answers in XML, such as STS. @returns the XML */
export async function awsQuery(
  { url: base, auth }: { readonly url: string; readonly auth: Auth },
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const url = new URL(base);
  const response = await auth.authorized(fetch, { url })(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams(parameters).toString(),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${parameters.Action}: HTTP ${response.status} ${element(text, 'Message') ?? text.slice(0, 200)}`);
  }
  return text;
}

/** The text of the first element of this name. */
export function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
