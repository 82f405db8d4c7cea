import type { AddClientAuthentication, OAuthClientProvider } from '@modelcontextprotocol/client';
import { tokensOf, type OAuthRecord } from './oauth-record';

/** Who the client is to authorization servers. */
export interface ClientIdentity {
  readonly grant: 'authorization_code' | 'client_credentials';
  /** Of a client that was registered beforehand. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The only issuer that a client registered beforehand is sent to. */
  readonly issuer?: string;
  readonly clientMetadataUrl?: string;
  readonly clientName: string;
  readonly authenticate?: AddClientAuthentication;
}

/** The part of a sign-in that a person takes. */
export interface Interaction {
  readonly redirectUrl: string;
  readonly state: string;
  /** Where the person has to go. */
  authorizationUrl?: URL;
}

/**
 * What the SDK asks of an OAuth client, answered from a record and written into it. A client that was registered
 * beforehand belongs to the first issuer that gave it tokens.
 */
export function oauthClient(
  identity: ClientIdentity,
  record: OAuthRecord,
  interaction: Interaction | undefined,
): OAuthClientProvider {
  const { clientId, clientSecret } = identity;
  let verifier = '';
  const client: OAuthClientProvider = {
    redirectUrl: interaction?.redirectUrl,
    clientMetadata: {
      client_name: identity.clientName,
      redirect_uris: interaction === undefined ? [] : [interaction.redirectUrl],
      grant_types:
        identity.grant === 'client_credentials' ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
      ...(interaction !== undefined && { response_types: ['code'], application_type: 'native' }),
      token_endpoint_auth_method: clientSecret === undefined ? 'none' : 'client_secret_basic',
    },
    ...(identity.clientMetadataUrl !== undefined && { clientMetadataUrl: identity.clientMetadataUrl }),
    ...(identity.authenticate && { addClientAuthentication: identity.authenticate }),
    ...(identity.grant === 'client_credentials' && {
      prepareTokenRequest: scope =>
        new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
    }),
    state: () => interaction?.state ?? '',
    clientInformation: context => {
      if (clientId === undefined) {
        return record.clients[context?.issuer ?? record.issuer ?? ''];
      }
      const issuer = identity.issuer ?? record.issuer;
      return {
        client_id: clientId,
        ...(clientSecret !== undefined && { client_secret: clientSecret }),
        ...(issuer !== undefined && { issuer }),
      };
    },
    tokens: context => (context === undefined ? tokensOf(record) : record.tokens[context.issuer]),
    saveTokens: (tokens, context) => {
      const issuer = context?.issuer ?? tokens.issuer ?? '';
      record.issuer = issuer;
      record.tokens[issuer] = { ...tokens, obtainedAt: Date.now() };
    },
    redirectToAuthorization: url => {
      if (interaction !== undefined) {
        interaction.authorizationUrl = url;
      }
    },
    saveCodeVerifier: text => {
      verifier = text;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: state => {
      record.discovery = state;
    },
    discoveryState: () => record.discovery,
    invalidateCredentials: scope => forget(record, scope),
  };
  if (clientId === undefined) {
    client.saveClientInformation = (information, context) => {
      const issuer = context?.issuer ?? information.issuer ?? '';
      record.clients[issuer] = { ...information, ...(interaction && { redirectUrl: interaction.redirectUrl }) };
    };
  }
  return client;
}

function forget(record: OAuthRecord, scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
  const issuer = record.discovery?.authorizationServerMetadata?.issuer ?? record.issuer ?? '';
  if (scope === 'tokens' || scope === 'all') {
    delete record.tokens[issuer];
  }
  if (scope === 'client' || scope === 'all') {
    delete record.clients[issuer];
  }
  if (scope === 'discovery' || scope === 'all') {
    delete record.discovery;
  }
}
