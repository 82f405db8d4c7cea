import { InboundAuth, type AuthScope, type Inbound } from '../../../local/src/auth/inbound-auth';
import type { LocalCredentials } from '../../../local/src/auth/local-credentials';
import type { JwtAuthorizer } from '../../../local/src/model/jwt-authorizer';
import type { RuntimeDefinition } from '../../../local/src/model/runtime-definition';
import { CREDENTIALS } from '../aws-clients';
import { checked, mcpRequest } from '../checked';
import { signedRequest } from './signed-requests';
import { startTokenIssuer, type TokenIssuer } from './token-issuer';

const ARN = 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/one-0123456789';
const USER = 'x-amzn-bedrock-agentcore-runtime-user-id';
const definitionWith = (customJWTAuthorizer?: JwtAuthorizer): RuntimeDefinition =>
  ({ arn: ARN, region: 'us-east-1', features: { customJWTAuthorizer } }) as RuntimeDefinition;

const newAuth = (scope: AuthScope = 'all', more: Partial<LocalCredentials> = {}): InboundAuth =>
  new InboundAuth(scope, [{ ...CREDENTIALS, ...more }], 'refuse');

/** Who a request is of, or why it is refused. */
const callerOf = (
  request: Request,
  definition = definitionWith(),
  auth = newAuth(),
  surface: Inbound['surface'] = 'platform',
): Promise<unknown> =>
  checked(exchange => auth.callerOf(exchange, definition, { qualifier: 'DEFAULT', surface }), request);

async function signed(headers: Record<string, string> = {}): Promise<Request> {
  const { url, init } = await signedRequest('http://localhost/mcp', { headers });
  return new Request(url, init);
}

const NOBODY = { identity: undefined };
const MISSING = expect.objectContaining({
  name: 'AccessDeniedException',
  message: 'Missing Authentication Token',
}) as Error;

test.each<[AuthScope, unknown, unknown, unknown]>([
  ['off', NOBODY, NOBODY, NOBODY],
  ['platform-urls', MISSING, NOBODY, MISSING],
  ['all', MISSING, MISSING, MISSING],
])('callers show who they are: %s', async (scope, platform, short, control) => {
  const auth = newAuth(scope);
  expect(await callerOf(mcpRequest(), definitionWith(), auth, 'platform')).toEqual(platform);
  expect(await callerOf(mcpRequest(), definitionWith(), auth, 'short')).toEqual(short);
  expect(await checked(exchange => auth.controlCallerOf(exchange, 'us-east-1'), mcpRequest())).toEqual(control);
});

test.each<[Partial<LocalCredentials>, Record<string, string>, unknown]>([
  [{}, {}, { identity: CREDENTIALS.accessKeyId }],
  [{}, { [USER]: 'ana' }, { identity: CREDENTIALS.accessKeyId }],
  [{ mayNameUser: true }, { [USER]: 'ana' }, { identity: CREDENTIALS.accessKeyId }],
  [{ mayNameUser: false }, {}, { identity: CREDENTIALS.accessKeyId }],
  [
    { mayNameUser: false },
    { [USER]: 'ana' },
    expect.objectContaining({
      name: 'AccessDeniedException',
      message: 'AKIDLOCAL is not authorized to perform: bedrock-agentcore:InvokeAgentRuntimeForUser',
    }),
  ],
])('a signer names a user where it may: %j, %j', async (credentials, headers, expected) => {
  expect(await callerOf(await signed(headers), definitionWith(), newAuth('all', credentials))).toEqual(expected);
});

test.each(['refuse', 'accept'] as const)('a body that no signature covers: %s', async unsignedPayload => {
  const auth = new InboundAuth('all', [CREDENTIALS], unsignedPayload);
  const refused = expect.objectContaining({ message: 'The payload must be part of the signature' }) as Error;
  const expected = unsignedPayload === 'refuse' ? refused : { identity: CREDENTIALS.accessKeyId };
  const request = (): Promise<Request> => signed({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
  expect(await callerOf(await request(), definitionWith(), auth)).toEqual(expected);
  expect(await checked(exchange => auth.controlCallerOf(exchange, 'us-east-1'), await request())).toEqual(expected);
});

describe('a runtime with an authorizer', () => {
  let issuer: TokenIssuer;
  beforeAll(async () => {
    issuer = await startTokenIssuer();
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  const bearer = (authorization: string, headers: Record<string, string> = {}): Request =>
    mcpRequest({ headers: { authorization, ...headers } });
  const authorizer = (more: Partial<JwtAuthorizer> = {}): JwtAuthorizer => ({
    discoveryUrl: issuer.discoveryUrl,
    ...more,
  });

  test.each(['Bearer', 'bearer', 'BEARER'])('takes a token by %s, and its user alone', async scheme => {
    const request = bearer(`${scheme} ${issuer.token({ sub: 'ana' })}`, { [USER]: 'bob' });
    expect(await callerOf(request, definitionWith(authorizer()))).toEqual({ identity: `${issuer.origin}|sub=ana` });
  });

  test.each<[string, () => Promise<Request> | Request]>([
    ['nothing', () => mcpRequest()],
    ['no token behind the scheme', () => bearer('Bearer')],
    ['another scheme', () => bearer(`Basic ${issuer.token()}`)],
    ['a token without a scheme', () => bearer(issuer.token())],
    ['a signature', () => signed()],
  ])('asks for a token, and says where there is one: %s', async (_, request) => {
    const refused = await callerOf(await request(), definitionWith(authorizer()));
    expect(refused).toMatchObject({ name: 'UnauthorizedException', message: 'Missing bearer token' });
    expect(refused).toMatchObject({
      details: {
        headers: [
          'WWW-Authenticate',
          expect.stringMatching(
            /^Bearer resource_metadata="http:\/\/localhost\/runtimes\/.*oauth-protected-resource\?/,
          ),
        ],
      },
    });
  });

  test.each<[string, Partial<JwtAuthorizer>, string, string | undefined]>([
    ['that is none', {}, 'UnauthorizedException', 'error="invalid_token"'],
    ['of another client', { allowedClients: ['other'] }, 'AccessDeniedException', undefined],
    ['without the scope', { allowedScopes: ['read'] }, 'AccessDeniedException', 'error="insufficient_scope"'],
  ])('refuses a token %s', async (what, rules, name, challenge) => {
    const token = what === 'that is none' ? 'nonsense' : issuer.token({ sub: 'ana' });
    const refused = await callerOf(bearer(`Bearer ${token}`), definitionWith(authorizer(rules)));
    expect(refused).toMatchObject({ name });
    expect((refused as { details: object }).details).toEqual(
      challenge === undefined
        ? {}
        : { headers: ['WWW-Authenticate', expect.stringContaining(`Bearer ${challenge}, resource_metadata=`)] },
    );
  });

  test.each<[string, Record<string, string>, string]>([
    ['by name', { host: 'tools.localhost:8080' }, 'http://tools.localhost:8080/runtimes/'],
    ['without a name', {}, 'http://localhost/runtimes/'],
    ['by an empty name', { host: '' }, 'http://localhost/runtimes/'],
  ])('sends a client to where it believes to be: %s', async (_, headers, expected) => {
    const refused = await callerOf(mcpRequest({ headers }), definitionWith(authorizer()));
    expect(refused).toMatchObject({
      details: { headers: ['WWW-Authenticate', expect.stringContaining(`"${expected}`)] },
    });
  });

  test('has the document of its issuer read once for all of its requests', async () => {
    await using own = await startTokenIssuer();
    const [one, other] = [1, 2].map(() => definitionWith({ discoveryUrl: own.discoveryUrl }));
    const auth = newAuth();
    for (const definition of [one, one, other]) {
      await callerOf(bearer(`Bearer ${own.token({ sub: 'ana' })}`), definition, auth);
    }
    expect(own.discoveries()).toBe(2);
  });
});
