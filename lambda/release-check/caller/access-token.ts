import type { ReleaseCaller } from '../../../lib/private/release/release-check-contract';
import { ReleaseCheckError } from '../common/failures';
import { askAuthorizationServer, discoverTokenEndpoint, parsed, type AuthorizationServerAccess } from './discovery';

type ClientCredentials = Extract<ReleaseCaller, { kind: 'client-credentials' }>;

/** RFC 6749, section 5. */
interface TokenAnswer {
  readonly access_token?: unknown;
  readonly error?: unknown;
}

/**
 * Gets an access token for a machine, by the client's own credentials (RFC 6749, section 4.4).
 *
 * @throws ReleaseCheckError `ERR_TOKEN_REFUSED`, `ERR_TOKEN_UNAVAILABLE`; neither the secret nor a token is in a message
 */
export async function accessToken(
  { discoveryUrl, clientId, scopes = [], audience }: ClientCredentials,
  secret: string,
  access: AuthorizationServerAccess,
): Promise<string> {
  const { url, inBody } = await discoverTokenEndpoint(discoveryUrl, access);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) {
    form.set('scope', scopes.join(' '));
  }
  if (audience !== undefined) {
    form.set('audience', audience);
    // Servers that know RFC 8707 go by this one, which is a URL.
    if (URL.canParse(audience)) {
      form.set('resource', audience);
    }
  }
  if (inBody) {
    form.set('client_id', clientId);
    form.set('client_secret', secret);
  }
  const body = Buffer.from(form.toString());
  const answer = await askAuthorizationServer(access, {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      accept: 'application/json',
      ...(!inBody && { authorization: `Basic ${basicCredentials(clientId, secret)}` }),
    },
    body,
  });
  const { access_token: token, error } = (parsed(answer.body) ?? {}) as TokenAnswer;
  if (answer.status !== 200 || typeof token !== 'string') {
    throw new ReleaseCheckError(
      'ERR_TOKEN_REFUSED',
      `${url.origin}${url.pathname} gives the client ${clientId} no token: status ${answer.status}` +
        `${typeof error === 'string' ? `, ${error.slice(0, 100)}` : ''}; check client, secret, scopes and audience`,
    );
  }
  return token;
}

/** RFC 6749, section 2.3.1: both parts are form-encoded first. */
function basicCredentials(clientId: string, secret: string): string {
  return Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64');
}
