import type { Deployment } from '../aws/deployment';
import type { RuntimeFacts } from '../aws/runtime-facts';
import { failed, firstLine, ok, skipped, warning, type Check, type Subject } from './check';

const INBOUND: Subject = { id: 'inbound-auth', expected: 'IAM (SigV4), or tokens of one issuer' };
const DISCOVERY: Subject = {
  id: 'discovery',
  expected: 'a discovery document with its issuer, keys, and PKCE by S256',
};
const METADATA: Subject = { id: 'resource-metadata', expected: 'metadata of the runtime that names the issuer' };
const CHALLENGE: Subject = { id: 'challenge', expected: '401 with `resource_metadata` for a request without a token' };

const TIMEOUT_MS = 10_000;

/** Who may call, and how a client finds that out. Nothing here reaches a session: without a token nobody gets in. */
export async function signInChecks(
  { authorizerConfiguration }: RuntimeFacts,
  { endpoint }: Deployment,
): Promise<Check[]> {
  const authorizer = authorizerConfiguration?.customJWTAuthorizer;
  if (authorizer === undefined) {
    return [ok(INBOUND, 'IAM (SigV4)')];
  }
  const { allowedAudience = [], allowedClients = [], allowedScopes = [], discoveryUrl } = authorizer;
  const rules = [
    allowedAudience.length > 0 && `audience ${allowedAudience.join(', ')}`,
    allowedClients.length > 0 && `clients ${allowedClients.join(', ')}`,
    allowedScopes.length > 0 && `scopes ${allowedScopes.join(', ')}`,
  ].filter(rule => typeof rule === 'string');
  const inbound =
    rules.length > 0
      ? ok(INBOUND, `tokens with ${rules.join('; ')}`)
      : failed(INBOUND, 'every token of the issuer', 'name the audience, the clients or the scopes that are let in');
  return [
    inbound,
    ...(await Promise.all([discoveryCheck(discoveryUrl), metadataCheck(endpoint.url), challengeCheck(endpoint.url)])),
  ];
}

async function discoveryCheck(url: string): Promise<Check> {
  const read = await document(DISCOVERY, url);
  if ('status' in read) {
    return read;
  }
  const { issuer, jwks_uri: keys, code_challenge_methods_supported: methods } = read.json;
  if (typeof issuer !== 'string' || typeof keys !== 'string') {
    return failed(
      DISCOVERY,
      `${url} has no \`issuer\` or no \`jwks_uri\``,
      'give the discovery URL of an OpenID provider',
    );
  }
  return Array.isArray(methods) && methods.includes('S256')
    ? ok(DISCOVERY, `issuer ${issuer}`)
    : warning(
        DISCOVERY,
        `issuer ${issuer}, which does not advertise PKCE (S256)`,
        'clients may refuse it, as the specification says: publish metadata that name S256, as `McpAuth.cognito` does',
      );
}

async function metadataCheck(url: URL): Promise<Check> {
  const place = new URL(url);
  place.pathname += '/.well-known/oauth-protected-resource';
  const read = await document(METADATA, place.href);
  if ('status' in read) {
    return read;
  }
  const { resource, authorization_servers: servers } = read.json;
  return Array.isArray(servers) && servers.length > 0
    ? ok(METADATA, `resource ${String(resource)}, ${servers.join(', ')}`)
    : failed(METADATA, 'no `authorization_servers`', 'without them clients do not find where to sign in: deploy again');
}

/** Sends no session id and no token, which AgentCore refuses before there is a session. */
async function challengeCheck(url: URL): Promise<Check> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    const challenge = response.headers.get('www-authenticate') ?? '';
    const found = `HTTP ${response.status}${challenge === '' ? ', no `WWW-Authenticate`' : `, ${challenge}`}`;
    return response.status === 401 && /resource_metadata=/.test(challenge)
      ? ok(CHALLENGE, found)
      : failed(
          CHALLENGE,
          found,
          'call the invocation URL itself: what stands before it may have dropped or renamed the header',
        );
  } catch (error) {
    return failed(CHALLENGE, firstLine(error), 'see whether the network lets you through to the URL');
  }
}

async function document(
  subject: Subject,
  url: string,
): Promise<Check | { readonly json: Readonly<Record<string, unknown>> }> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return failed(subject, `${url}: HTTP ${response.status}`, 'correct the URL, or what serves it');
    }
    return { json: (await response.json()) as Record<string, unknown> };
  } catch (error) {
    const { hostname } = new URL(url);
    return /\.(internal|local)$/.test(hostname)
      ? skipped(subject, `${url} is within a network that is not this one`)
      : failed(subject, `${url}: ${firstLine(error)}`, 'see whether it is reachable, also from AgentCore');
  }
}
