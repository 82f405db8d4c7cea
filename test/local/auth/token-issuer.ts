import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An issuer whose discovery document and tokens say whatever a test wants them to. */
export interface TokenIssuer extends AsyncDisposable {
  readonly origin: string;
  readonly discoveryUrl: string;
  /** How often the discovery document was read. */
  readonly discoveries: () => number;
  /** A genuine token: by the issuer, and valid for years, where the claims do not say otherwise. */
  readonly token: (claims?: object) => string;
}

/** What the discovery document is, in place of the right one. */
export interface Discovery {
  readonly status: number;
  readonly document: object;
}

export async function startTokenIssuer(
  discovery: (right: { issuer: string; jwks_uri: string }, times: number) => Discovery = document => ({
    status: 200,
    document,
  }),
): Promise<TokenIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let discoveries = 0;
  const server = createServer((request, response) => {
    const { status, document } =
      request.url === '/keys'
        ? { status: 200, document: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256' }] } }
        : discovery({ issuer: origin, jwks_uri: `${origin}/keys` }, ++discoveries);
    response.writeHead(status).end(JSON.stringify(document));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    discoveryUrl: `${origin}/.well-known/openid-configuration`,
    discoveries: () => discoveries,
    token: claims => {
      const content = [{ alg: 'ES256' }, { iss: origin, exp: 9_999_999_999, ...claims }]
        .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${content}.${sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
