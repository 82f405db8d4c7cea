// An authorization server, and a server that takes its tokens, in this process: what they say is up to the test.
import { createHash, randomUUID } from 'node:crypto';
import {
  memoryTokenStore,
  oauth,
  resolveTarget,
  type Endpoint,
  type OAuth,
  type OAuthOptions,
} from 'stateful-mcp-client';
import { listen } from '../servers';

type Answer = { status?: number; body?: unknown };

/** What a test sees and says of an authorization server. */
export interface ScriptedProvider {
  readonly issuer: string;
  /** What its metadata says besides. */
  readonly metadata: Record<string, unknown>;
  /** What came to the endpoint for tokens, with the header that says who asks. */
  readonly grants: (Record<string, string> & { authorization?: string })[];
  readonly registrations: Record<string, unknown>[];
  /** What came to the endpoint for revocations. */
  readonly revoked: (Record<string, string> & { authorization?: string })[];
  /** What a token consists of; `undefined` members are left out. */
  token: Record<string, unknown>;
  /** Answers in place of the next grants. */
  readonly refusals: (Answer | 'break')[];
  /** Access tokens that it gave. */
  readonly given: string[];
}

/** What a test sees and says of a server that takes tokens. */
export interface ProtectedServer {
  readonly endpoint: Endpoint;
  /** The issuer that it names. */
  issuer: string;
  /** Whether it takes a token (none is ''), or how it refuses it: with 401, or with a challenge for more scopes. */
  takes: (token: string) => boolean | { readonly scope?: string; readonly error?: string };
  /** The tokens that it saw. */
  readonly seen: (string | undefined)[];
}

async function bodyOf(request: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** Starts an authorization server that registers everybody and signs everybody in. */
export async function scriptedProvider(): Promise<ScriptedProvider> {
  const provider: ScriptedProvider = {
    issuer: '',
    metadata: {},
    grants: [],
    registrations: [],
    revoked: [],
    token: {},
    refusals: [],
    given: [],
  };
  const url = await listen(
    (request, response) =>
      void (async () => {
        const text = await bodyOf(request);
        const { authorization } = request.headers;
        const form = { ...Object.fromEntries(new URLSearchParams(text)), ...(authorization && { authorization }) };
        const say = ({ status = 200, body }: Answer): void => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        };
        const { issuer } = provider;
        switch (`${request.method} ${request.url}`) {
          case 'GET /.well-known/oauth-authorization-server':
            return say({
              body: {
                issuer,
                authorization_endpoint: `${issuer}/authorize`,
                token_endpoint: `${issuer}/token`,
                registration_endpoint: `${issuer}/register`,
                revocation_endpoint: `${issuer}/revoke`,
                response_types_supported: ['code'],
                code_challenge_methods_supported: ['S256'],
                authorization_response_iss_parameter_supported: true,
                ...provider.metadata,
              },
            });
          case 'POST /register': {
            const asked = JSON.parse(text) as Record<string, unknown>;
            provider.registrations.push(asked);
            return say({ status: 201, body: { ...asked, client_id: `client-${provider.registrations.length}` } });
          }
          case 'POST /revoke':
            provider.revoked.push(form);
            return say({ body: {} });
          case 'POST /token': {
            provider.grants.push(form);
            const refusal = provider.refusals.shift();
            if (refusal === 'break') {
              request.socket.destroy();
              return;
            }
            if (refusal !== undefined) {
              return say(refusal);
            }
            const number = provider.given.push(`access-${randomUUID()}`);
            const access_token = provider.given[number - 1];
            return say({
              body: { access_token, token_type: 'Bearer', refresh_token: `refresh-${number}`, ...provider.token },
            });
          }
          default:
            return say({ status: 404, body: {} });
        }
      })(),
  );
  return Object.assign(provider, { issuer: new URL(url).origin });
}

const METADATA = '/who-signs-in';

/** Starts a server that takes the tokens of a provider. */
export async function protectedServer({ issuer, given }: ScriptedProvider): Promise<ProtectedServer> {
  const seen: ProtectedServer['seen'] = [];
  let origin = '';
  const server = {
    issuer,
    takes: (token: string) => given.includes(token) as ReturnType<ProtectedServer['takes']>,
    seen,
  };
  const url = await listen((request, response) => {
    request.resume();
    // Not where a client would look without a challenge.
    if (request.url === METADATA) {
      const body = { resource: `${origin}/mcp`, authorization_servers: [server.issuer] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    seen.push(token);
    const taken = server.takes(token ?? '');
    const { scope, error } = typeof taken === 'boolean' ? {} : taken;
    const challenge = [
      `resource_metadata="${origin}${METADATA}"`,
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      ...(error === undefined ? [] : [`error="${error}"`]),
    ].join(', ');
    const status = taken === true ? 200 : error === undefined ? 401 : 403;
    response.writeHead(status, taken === true ? {} : { 'www-authenticate': `Bearer ${challenge}` }).end('{}');
  });
  ({ origin } = new URL(url));
  return Object.assign(server, { endpoint: await resolveTarget(url) });
}

/** An authorization server, and a server that takes its tokens. */
export async function started(): Promise<[ScriptedProvider, ProtectedServer]> {
  const provider = await scriptedProvider();
  return [provider, await protectedServer(provider)];
}

/** What is known of a person who was sent to a page. */
export interface Visit {
  readonly page: URL;
  readonly asked: Readonly<Record<string, string>>;
}

/** Somebody who signs in at once, and the pages that they were sent to. */
export function visitor(
  provider: ScriptedProvider,
  options: OAuthOptions = {},
): { readonly auth: OAuth; readonly visits: Visit[] } {
  const visits: Visit[] = [];
  const auth = oauth({
    tokens: memoryTokenStore(),
    showUrl: () => undefined,
    openBrowser: page => {
      visits.push({ page, asked: Object.fromEntries(page.searchParams) });
      return fetch(answerTo(page, { code: `code-${visits.length}`, iss: provider.issuer }));
    },
    ...options,
  });
  return { auth, visits };
}

/** Where the browser comes back to, with an answer. */
export function answerTo(page: URL, answer: Record<string, string>): URL {
  const back = new URL(page.searchParams.get('redirect_uri') ?? '');
  back.search = String(new URLSearchParams({ state: page.searchParams.get('state') ?? '', ...answer }));
  return back;
}

/** The challenge of PKCE for a verifier. */
export function challengeOf(verifier: string | undefined): string {
  return createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url');
}

/** Sends a request with the credentials of an `auth`, and gives back its status. */
export async function call(auth: OAuth, { endpoint }: ProtectedServer, signal?: AbortSignal): Promise<number> {
  const send = auth.authorized(fetch, endpoint);
  const response = await send(endpoint.url, { method: 'POST', body: '{}', ...(signal && { signal }) });
  await response.body?.cancel();
  return response.status;
}
