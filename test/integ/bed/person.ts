// What a browser does with the pages of an authorization server that asks nothing.
import { createHash, randomBytes } from 'node:crypto';

const CALLBACK = 'http://localhost:3118/callback';
const MOST_STEPS = 10;

/** @returns the token of a person, bound to a resource */
export async function tokenOfPerson(issuer: string, scope: string, resource: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: 'people',
    redirect_uri: CALLBACK,
    scope: `openid ${scope}`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
  });
  const code = await codeFrom(new URL(`${issuer}/auth?${parameters.toString()}`));
  return token(`${issuer}/token`, {
    grant_type: 'authorization_code',
    client_id: 'people',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    code,
  });
}

/** @returns the access token that a token endpoint gives */
export async function token(endpoint: string, form: Readonly<Record<string, string>>): Promise<string> {
  const { client_id: id, client_secret: secret, ...rest } = form;
  const basic = secret === undefined ? undefined : `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...(basic !== undefined && { authorization: basic }) },
    body: new URLSearchParams({ ...rest, ...(basic === undefined && { client_id: id ?? '' }) }),
  });
  const { access_token: granted, error } = (await response.json()) as { access_token?: string; error?: string };
  if (granted === undefined) {
    throw new Error(`${new URL(endpoint).pathname} has given no token: HTTP ${response.status} ${error}`);
  }
  return granted;
}

async function codeFrom(authorizationUrl: URL): Promise<string> {
  const cookies = new Map<string, string>();
  let url = authorizationUrl;
  for (let steps = 0; !url.href.startsWith(CALLBACK); steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null || steps === MOST_STEPS) {
      throw new Error(`${url.pathname} leads nowhere: HTTP ${response.status}`);
    }
    url = new URL(location, url);
  }
  return url.searchParams.get('code') ?? '';
}
