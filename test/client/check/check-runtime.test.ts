import path from 'node:path';
import { bearer, checkServer, clientCredentials, findingText, sigV4, type CheckReport } from 'stateful-mcp-client';
import { closeProviders, startProvider } from '../auth/provider';
import { closeRuntimes, deploy, KEYS } from '../deployed';
import { closeServers, initialized, listen, scriptedServer } from '../servers';

afterEach(async () => {
  await closeRuntimes();
  closeProviders();
  await closeServers();
});

const KIT: [string, string] = [process.execPath, path.join(__dirname, '../fixtures/kit-server.mjs')];
const auth = sigV4({ credentials: KEYS, region: 'us-east-1' });

function faults({ findings }: CheckReport): string[] {
  return findings.filter(({ verdict }) => verdict !== 'pass').map(findingText);
}

test('each session is a process of its own, and none is left', async () => {
  const { url, runtime } = await deploy({ command: KIT });
  const report = await checkServer({ target: url, auth, definition: { tools: ['count'], parallelFirstCalls: 2 } });
  expect(faults(report)).toEqual([]);
  expect(report.findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['session-affinity', 'session-isolation', 'unknown-session', 'proposed-session-id']),
  );
  expect(report.transcript.at(-1)).toMatch(/StopRuntimeSession for 5 sessions: 5 are over/);
  expect(runtime.sessions().filter(({ state }) => state === 'active' || state === 'idle')).toEqual([]);
});

test('what a killed check has left is ended by the next one of its seed', async () => {
  const { url, runtime } = await deploy({ command: KIT });
  const alive = (): string[] =>
    runtime.sessions().flatMap(({ sessionId, state }) => (state === 'idle' || state === 'active' ? [sessionId] : []));
  // One that was killed stops nothing.
  const fetch: typeof globalThis.fetch = (input, init) =>
    new Request(input).url.includes('stopruntimesession') || init?.method === 'DELETE'
      ? Promise.reject(new TypeError('killed'))
      : globalThis.fetch(input, init);
  await checkServer({ target: url, auth, fetch, definition: {}, sessionIdSeed: 'request-1' });
  const left = alive();
  expect(left).toHaveLength(2);

  const report = await checkServer({ target: url, auth, definition: {}, sessionIdSeed: 'request-1' });
  expect(faults(report)).toEqual([]);
  expect(alive()).toEqual([]);
});

test('sessions that AgentCore does not end are not said to be over', async () => {
  const { url } = await deploy({ command: KIT });
  const fetch: typeof globalThis.fetch = async (input, init) =>
    new Request(input).url.includes('stopruntimesession')
      ? new Response(null, { status: 403 })
      : globalThis.fetch(input, init);
  const report = await checkServer({ target: url, auth, fetch, definition: {} });
  expect(report.transcript.at(-1)).toMatch(/StopRuntimeSession for 3 sessions: 0 are over/);
});

test('a server whose answers come from several processes fails', async () => {
  const { url } = await deploy({ environment: { MANY_PROCESSES: 'true' } });
  const report = await checkServer({ target: url, auth, definition: {} });
  expect(faults(report)).toEqual([
    'session-affinity (legacy): expected the server to know the session until its end, and one process to answer in it; got answers of 3 processes to 3 pings',
  ]);
});

test('a server that loses its session fails', async () => {
  const { url, runtime } = await deploy({ command: KIT });
  const report = await checkServer({
    target: url,
    auth,
    definition: { conversations: [{ tool: 'count' }, { tool: 'count' }] },
    onTranscript: line => {
      const first = runtime.sessions().find(({ state }) => state === 'active' || state === 'idle');
      if (line.includes('HTTP 200 to tools/call') && first !== undefined && lost === undefined) {
        lost = runtime.faults.expireSession(first.sessionId);
      }
    },
  });
  await lost;
  expect(faults(report)).toContainEqual(
    expect.stringContaining('got HTTP 404: the server did not know the session any more'),
  );
});
let lost: Promise<void> | undefined;

test('a server that crashes with its first request fails, with what the platform says of it', async () => {
  const program = "require('node:http').createServer(() => process.exit(3)).listen(process.env.PORT, '127.0.0.1')";
  const { url } = await deploy({ command: [process.execPath, '-e', program] });
  // It is waited for once, and no longer than it may take.
  const definition = { eras: ['legacy', 'modern'] as const, latency: { firstCallMs: 2_000 } };
  const report = await checkServer({ target: url, auth, definition });
  expect(report.verdict).toBe('fail');
  expect(faults(report)).toEqual([expect.stringContaining('got Amazon Bedrock AgentCore answered')]);
});

test('what the platform does is no fault of the server', async () => {
  const { url, runtime } = await deploy({ command: KIT });
  runtime.faults.throttle({ times: 100 });
  const report = await checkServer({ target: url, auth, definition: {} });
  expect(report).toMatchObject({
    verdict: 'inconclusive',
    findings: [{ check: 'initialize', verdict: 'inconclusive' }],
  });
  expect(report.findings[0]?.got).toContain('ThrottlingException');
});

test('credentials that are not accepted fail', async () => {
  const { url } = await deploy({ command: KIT });
  const report = await checkServer({ target: url, auth: 'none', definition: {} });
  expect(faults(report)).toEqual([expect.stringContaining('AccessDeniedException')]);
});

describe('of a server that takes tokens', () => {
  const agent = (): ReturnType<typeof clientCredentials> =>
    clientCredentials({ clientId: 'agent', clientSecret: 'secret', scopes: ['expenses:read'] });

  test('callers without a token, and with a wrong one, are refused, and told where to get one', async () => {
    const { issuer } = await startProvider();
    const customJWTAuthorizer = { discoveryUrl: `${issuer}/.well-known/openid-configuration` };
    const { url } = await deploy({ command: KIT, customJWTAuthorizer }, { auth: 'platform-urls', credentials: [] });
    const report = await checkServer({ target: url, auth: agent(), definition: {}, requiresToken: true });
    expect(faults(report)).toEqual([]);
    expect(report.findings.slice(0, 3).map(({ check }) => check)).toEqual([
      'missing-token',
      'wrong-token',
      'token-metadata',
    ]);
  });

  /** A server that challenges as told, and has metadata as told. */
  async function challenging(
    challenge: (origin: string) => { status: number; headers?: Record<string, string> },
    metadata: (origin: string) => { status?: number; body?: unknown },
  ): Promise<string> {
    let origin = '';
    const { url } = await scriptedServer(({ id, method }, { method: verb, headers, url: at }) => {
      if (at?.startsWith('/metadata')) {
        return metadata(origin);
      }
      if (at !== '/mcp' || verb !== 'POST') {
        return { status: 404 };
      }
      return headers.authorization === 'Bearer right'
        ? method === 'initialize'
          ? initialized(id)
          : { body: { jsonrpc: '2.0', id, result: { tools: [] } } }
        : challenge(origin);
    });
    ({ origin } = new URL(url));
    return url;
  }

  const WELL = (origin: string): { status: number; headers: Record<string, string> } => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer resource_metadata="${origin}/metadata"` },
  });
  const NOWHERE = 'http://127.0.0.1:1';

  test.each<[string, Parameters<typeof challenging>, string]>([
    [
      'lets them in',
      [() => ({ status: 200 }), () => ({})],
      'missing-token: expected HTTP 401, and a challenge that names the metadata of the resource; got HTTP 200',
    ],
    [
      'challenges nobody',
      [() => ({ status: 401 }), () => ({})],
      'missing-token: expected HTTP 401, and a challenge that names the metadata of the resource; got HTTP 401 without the challenge `Bearer`',
    ],
    [
      'names no metadata',
      [() => ({ status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' } }), () => ({})],
      'got a challenge without `resource_metadata`',
    ],
    ['has no metadata', [WELL, () => ({ status: 404 })], 'got HTTP 404 from the metadata of the resource'],
    ['names no authorization server', [WELL, () => ({ body: { resource: 'x' } })], 'got none'],
  ])('one that %s fails', async (_what, parts, text) => {
    const target = await challenging(...parts);
    const report = await checkServer({ target, auth: 'none', definition: { sessions: false }, requiresToken: true });
    expect(report.verdict).toBe('fail');
    expect(faults(report)).toContainEqual(expect.stringContaining(text));
  });

  test('an authorization server that is down is no fault of it', async () => {
    const target = await challenging(WELL, () => ({ body: { resource: 'x', authorization_servers: [NOWHERE] } }));
    const definition = { sessions: false };
    const report = await checkServer({ target, auth: bearer('right'), definition, requiresToken: true });
    expect(report.verdict).toBe('inconclusive');
    expect(faults(report)).toEqual([expect.stringMatching(/^token-metadata: .*got no answer from 127\.0\.0\.1:1/)]);
  });

  test.each([
    [503, 'inconclusive'],
    [400, 'fail'],
  ] as const)('a token endpoint that answers with %i makes it %s', async (status, verdict) => {
    let origin = '';
    const target = await listen(({ url = '' }, response) => {
      const issuer = {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        authorization_endpoint: `${origin}/authorize`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      };
      const body = url.includes('protected-resource')
        ? { resource: `${origin}/mcp`, authorization_servers: [origin] }
        : url.includes('authorization-server')
          ? issuer
          : undefined;
      const code = body !== undefined ? 200 : url === '/token' ? status : url === '/mcp' ? 401 : 404;
      response.writeHead(code, {
        'content-type': 'application/json',
        ...(url === '/mcp' && {
          'www-authenticate': `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
        }),
      });
      response.end(JSON.stringify(body ?? { error: status === 400 ? 'access_denied' : 'busy' }));
    });
    ({ origin } = new URL(target));
    const report = await checkServer({ target, auth: agent(), definition: {} });
    expect(report).toMatchObject({ verdict, findings: [{ check: 'initialize', verdict }] });
    expect(JSON.stringify(report)).not.toContain('secret');
  });
});
