// How callers are refused, and by which rules a token is taken.
import { bearer, type Auth } from 'stateful-mcp-client';
import { outcome } from '../wire/answer';
import { NotHere } from '../bed/bed';
import { token } from '../bed/person';
import type { Asking } from '../questions/question';
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

export async function tokenOf(asking: Pick<Asking, 'bed'>, client: 'machine' | 'stranger'): Promise<string> {
  const clients = await asking.bed.tokenClients();
  const { id, secret } = clients[client];
  return token(clients.tokenEndpoint, {
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
    scope: clients.scope,
  });
}

export async function noCredentials({ server: open }: Asking): Promise<string> {
  const signed = await (await open('probe')).send('POST', { bare: true, body: PING, as: 'IAM' });
  const tokens = await (await open('sampleTokens')).send('POST', { bare: true, body: PING, as: 'JWT' });
  const challenge = tokens.headers.get('www-authenticate') === null ? 'no challenge' : 'a challenge';
  return `IAM: ${outcome(signed)}, body ${signed.body.length} characters. JWT: ${outcome(tokens)} with ${challenge}.`;
}

export async function metadata({ server: open, note }: Asking): Promise<string> {
  const server = await open('sampleTokens');
  const refused = await server.send('POST', { bare: true, body: PING });
  const [, address] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  if (address === undefined) {
    return 'The challenge names no metadata.';
  }
  const found = await server.send('GET', { bare: true, plain: true, url: new URL(address), as: 'the metadata' });
  note(found.body);
  const members = found.body.startsWith('{') ? Object.keys(JSON.parse(found.body) as object) : [];
  return `${outcome(found)}; its members are ${members.join(', ')}.`;
}

/** Tokens that are wrong in one way each. */
export async function wrongTokens(asking: Asking): Promise<string> {
  const good = await tokenOf(asking, 'machine');
  const [head = '', content = '', signature = ''] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  const forms: readonly (readonly [string, string])[] = [
    ['no token at all', 'nothing'],
    ['another signature', `${head}.${content}.${[...signature].reverse().join('')}`],
    ['no algorithm', `${none}.${content}.`],
    ['a client that is not allowed', await tokenOf(asking, 'stranger')],
  ];
  const outcomes: string[] = [];
  for (const [name, wrong] of forms) {
    const server = await asking.server('sampleTokens', bearer(wrong));
    const answer = await server.send('POST', { body: PING, as: name });
    const error = /error="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1];
    outcomes.push(`${name}: ${outcome(answer)}${error === undefined ? '' : `, ${error}`}`);
  }
  return `${outcomes.join('; ')}.`;
}

/** Whether all rules of an authorizer have to hold: runtimes whose rules a good token meets in part. */
export async function claimRules(asking: Asking): Promise<string> {
  const { bed, note } = asking;
  const { scope, machine } = await bed.tokenClients();
  const good = bearer(await tokenOf(asking, 'machine'));
  const from = await bed.controlPlane.of('sampleTokens');
  const { customJWTAuthorizer } = from.authorizerConfiguration as { customJWTAuthorizer: { discoveryUrl: string } };
  const { discoveryUrl } = customJWTAuthorizer;
  const [anyScope = ''] = scope.split(' ');
  const rules: readonly (readonly [string, object])[] = [
    ['client and scope hold', { allowedClients: [machine.id], allowedScopes: [anyScope] }],
    ['client holds, scope does not', { allowedClients: [machine.id], allowedScopes: ['nobody/has'] }],
    ['client holds, audience does not', { allowedClients: [machine.id], allowedAudience: ['https://nobody.example'] }],
    ['scope holds, client does not', { allowedClients: ['nobody'], allowedScopes: [anyScope] }],
  ];
  const outcomes: string[] = [];
  for (const [index, [name, allowed]] of rules.entries()) {
    const authorizerConfiguration = { customJWTAuthorizer: { discoveryUrl, ...allowed } };
    const { status, body } = await bed.controlPlane.create(from, `rule${index}`, { authorizerConfiguration });
    if (status !== 202) {
      outcomes.push(`${name}: refused at its creation, HTTP ${status} ${String(body.message)}`);
      continue;
    }
    const id = String(body.agentRuntimeId);
    const made = await bed.controlPlane.settled(id, asking.signal, note);
    const server = await asking.at(made.agentRuntimeArn, good);
    outcomes.push(`${name}: ${outcome(await server.send('POST', { body: PING, as: name }))}`);
    await bed.controlPlane.remove(id);
  }
  return `${outcomes.join('; ')}.`;
}

/** A token that is bound to a resource, as hosts ask for it. */
export async function audience(asking: Asking): Promise<string> {
  const address = asking.bed.address('sampleTokens');
  let claims: Record<string, unknown> = {};
  const person = await asking.bed.person(address);
  const watched: Auth = {
    ...person,
    authorized: (fetch, endpoint) =>
      person.authorized((url, init) => {
        const content = new Headers(init?.headers).get('authorization')?.split('.')[1];
        if (content !== undefined) {
          claims = JSON.parse(Buffer.from(content, 'base64url').toString()) as Record<string, unknown>;
        }
        return fetch(url, init);
      }, endpoint),
  };
  const server = await asking.server('sampleTokens', watched);
  const answer = await server.send('POST', { body: PING, timeoutMs: 300_000, as: 'a person' });
  const names = Object.keys(claims).join(', ');
  asking.note(`claims: ${names}`);
  return `The token of a person has ${claims.aud === undefined ? 'no audience' : `the audience of the resource`}; ${outcome(answer)} where clients and scopes are checked.`;
}

export async function loopbackCallback({ bed, note }: Asking): Promise<string> {
  const { UserPoolId } = bed.stack('tokens').outputs;
  if (UserPoolId === undefined) {
    throw new NotHere('there is no Amazon Cognito here');
  }
  const client = new CognitoIdentityProviderClient(bed.aws);
  const outcomes: string[] = [];
  for (const url of [
    'http://127.0.0.1:3118/callback',
    'http://[::1]:3118/callback',
    'http://localhost:3118/callback',
  ]) {
    const request = {
      UserPoolId,
      ClientName: 'integ',
      CallbackURLs: [url],
      AllowedOAuthFlows: ['code' as const],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['openid'],
      SupportedIdentityProviders: ['COGNITO'],
    };
    try {
      const { UserPoolClient: made } = await client.send(new CreateUserPoolClientCommand(request));
      await client.send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId: made?.ClientId }));
      outcomes.push(`${url} is taken`);
    } catch (error) {
      note(String(error));
      outcomes.push(`${url} is refused: ${(error as Error).name}`);
    }
  }
  return `${outcomes.join('; ')}.`;
}
