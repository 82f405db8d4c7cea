import type { FetchLike } from '@modelcontextprotocol/client';
import { isPrivateWay } from '../common/endpoint';
import type { ClientIdentity } from './oauth-client';
import { discoveryOf, tokensOf, type OAuthRecord } from './oauth-record';

const LONGEST_WAIT_MS = 5_000;

/** Asks the authorization server to revoke what it gave (RFC 7009), where it can. Never rejects: the tokens are gone here. */
export async function revoke(record: OAuthRecord, identity: ClientIdentity, fetch: FetchLike): Promise<void> {
  const metadata = discoveryOf(record)?.authorizationServerMetadata as { revocation_endpoint?: string } | undefined;
  const endpoint = metadata?.revocation_endpoint;
  const tokens = tokensOf(record);
  if (endpoint === undefined || tokens === undefined || !URL.canParse(endpoint) || !isPrivateWay(new URL(endpoint))) {
    return;
  }
  const client = record.clients[record.issuer ?? ''];
  const id = identity.clientId ?? client?.client_id ?? '';
  const secret = identity.clientSecret ?? client?.client_secret;
  const basic =
    secret === undefined ? undefined : Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`);
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(basic && { authorization: `Basic ${basic.toString('base64')}` }),
      },
      body: new URLSearchParams({
        token: tokens.refresh_token ?? tokens.access_token,
        ...(basic === undefined && { client_id: id }),
      }).toString(),
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    });
    await response.body?.cancel();
  } catch {
    // Whoever signs out while the network is down is signed out here all the same.
  }
}
