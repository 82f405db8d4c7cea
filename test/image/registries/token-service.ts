import { createSign, randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { Certificates } from './certificates';
import { listen } from './loopback';

/**
 * A token service as registries have one beside them: it signs what is asked for.
 * https://distribution.github.io/distribution/spec/auth/jwt/
 */
export async function startTokenService(
  { certificate, key }: Certificates,
  { tls, tokenSeconds = 300 }: { readonly tls: boolean; readonly tokenSeconds?: number },
): Promise<{ realm: string; service: string; issuer: string }> {
  const issuer = 'image-tests';
  const service = 'registry.test';
  const answer: http.RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'https://127.0.0.1');
    const access = searchParams.getAll('scope').map(scope => {
      const [type, name, actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',') };
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: 'anonymous',
      aud: searchParams.get('service'),
      exp: now + tokenSeconds,
      nbf: now - 5,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const header = { typ: 'JWT', alg: 'RS256', x5c: [certificate.toString().replace(/-----[^-]+-----|\s/g, '')] };
    const signed = [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const token = `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ token, expires_in: tokenSeconds }));
  };
  const server = tls ? https.createServer({ cert: certificate, key }, answer) : http.createServer(answer);
  return { realm: `${tls ? 'https' : 'http'}://127.0.0.1:${await listen(server)}/token`, service, issuer };
}
