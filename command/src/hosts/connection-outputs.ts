import { resolveTarget, type StackOutput } from 'stateful-mcp-client';
import type { OAuthEntry } from './server-entry';

/** As AWS CloudFormation names the outputs that `McpAuth.cognito` adds: the id, and a hash. */
const URL_OUTPUT = /^(.*Auth)Url[0-9A-F]{8}$/;

/**
 * What a stack says of how people sign in to a server of it. `undefined` where it says nothing of this server, as with
 * one that is called by SigV4.
 *
 * @param url - of the server
 */
export async function publishedOAuth(url: URL, { outputs }: StackOutput): Promise<OAuthEntry | undefined> {
  for (const [key, value] of outputs) {
    const [, prefix] = URL_OUTPUT.exec(key) ?? [];
    if (prefix === undefined || !(await isSameServer(url, value))) {
      continue;
    }
    const published = (name: string): string | undefined =>
      [...outputs].find(([candidate]) => new RegExp(`^${prefix}${name}[0-9A-F]{8}$`).test(candidate))?.[1];
    const port = Number(published('CallbackPort'));
    return {
      clientId: published('ClientId'),
      callbackPort: port > 0 ? port : undefined,
      serverMetadataUrl: published('MetadataUrl'),
      scopes: published('Scopes')?.split(' ') ?? [],
    };
  }
  return undefined;
}

/** Its endpoints are one server with one kind of caller. */
async function isSameServer(url: URL, other: string): Promise<boolean> {
  if (!URL.canParse(other)) {
    return false;
  }
  const [one, another] = [await resolveTarget(url), await resolveTarget(other)];
  return one.runtime === undefined
    ? one.url.href === another.url.href
    : one.runtime.runtime === another.runtime?.runtime;
}
