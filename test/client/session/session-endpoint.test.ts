import { connect } from 'stateful-mcp-client';
import { closeServers, initialized, listen, scriptedServer } from '../servers';

afterEach(closeServers);

const SESSION = 'x-amzn-bedrock-agentcore-runtime-session-id';
const HEADER = 'x-amzn-bedrock-agentcore-runtime-session-endpoint-url';

/** A platform that offers a URL of the session, and the verbs that come to the invocation URL. */
async function platform(offered: string): Promise<{ url: string; verbs: string[] }> {
  const { url, verbs } = await scriptedServer(({ id, method }, { method: verb, url: path }) => {
    if (path?.includes('stopruntimesession')) {
      return { status: 403 };
    }
    if (verb !== 'POST') {
      return { status: 405 };
    }
    const answer = method === 'initialize' ? initialized(id) : { status: 202, headers: {} };
    return { ...answer, headers: { ...answer.headers, [HEADER]: offered } };
  });
  return {
    url: url.replace('/mcp', '/runtimes/expenses-abc/invocations?qualifier=DEFAULT&accountId=123456789012'),
    verbs,
  };
}

test('GET and DELETE go to the URL of the session, where AgentCore offers one', async () => {
  const seen: string[] = [];
  const session = await listen((request, response) => {
    seen.push(`${request.method} ${request.url} ${String(request.headers['mcp-session-id'])}`);
    response.writeHead(request.method === 'GET' ? 405 : 200).end();
  });
  const { url, verbs } = await platform(new URL(session).origin);
  const client = await connect(url);
  await client.close();
  expect(seen).toEqual(['GET /mcp session-1', 'DELETE /mcp session-1']);
  expect(new Set(verbs)).toEqual(new Set(['POST']));
});

test('the invocation URL gets them when the URL of the session refuses', async () => {
  const session = await listen((_request, response) => void response.writeHead(403).end());
  const { url, verbs } = await platform(session);
  const client = await connect(url);
  await client.close();
  expect(verbs).toEqual(expect.arrayContaining(['GET', 'DELETE']));
});

test.each(['https://evil.example/session', 'http://10.1.2.3/session', 'not a URL'])(
  'credentials do not follow a URL of somebody else: %s',
  async offered => {
    const { url, verbs } = await platform(offered);
    const client = await connect(url);
    await client.close();
    expect(verbs).toEqual(expect.arrayContaining(['GET', 'DELETE']));
  },
);

describe('behind AgentCore', () => {
  const RUNTIME = '/runtimes/expenses-abc/invocations?qualifier=DEFAULT&accountId=123456789012';
  const PLATFORM = 'https://bedrock-agentcore.eu-central-1.amazonaws.com';

  /** Opens and closes a session where a URL of it is offered, and says where its GET and DELETE went. */
  async function opened(origin: string, offered: string, path = RUNTIME): Promise<string[]> {
    const seen: string[] = [];
    const answerTo = (url: string | URL, { method = 'GET', body }: RequestInit = {}): Response => {
      if (String(url).includes('stopruntimesession')) {
        return new Response(null, { status: 403 });
      }
      if (method !== 'POST') {
        seen.push(`${method} ${String(url)}`);
        return new Response(null, { status: method === 'GET' ? 405 : 200 });
      }
      const { id, method: name } = JSON.parse(body as string) as { id?: number; method: string };
      const answer = name === 'initialize' ? initialized(id) : { headers: {}, body: undefined };
      return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
        status: name === 'initialize' ? 200 : 202,
        headers: { 'content-type': 'application/json', ...answer.headers, [HEADER]: offered },
      });
    };
    const client = await connect({
      target: `${origin}${path}`,
      auth: 'none',
      fetch: (...how) => Promise.resolve(answerTo(...how)),
    });
    await client.close();
    return seen;
  }

  test.each([
    ['https://abc.bedrock-agentcore.eu-central-1.amazonaws.com/session', '/session'],
    ['https://abc.bedrock-agentcore.eu-central-1.amazonaws.com//', '/mcp'],
    ['https://abc.bedrock-agentcore.eu-central-1.amazonaws.com', '/mcp'],
  ])('the session is reached at %s', async (offered, path) => {
    const url = new URL(path, offered).href;
    expect(await opened(PLATFORM, offered)).toEqual([`GET ${url}`, `DELETE ${url}`]);
  });

  test.each([
    [PLATFORM, 'https://evilamazonaws.com/session'],
    [PLATFORM, 'https://abc.amazonaws.com.evil.example/session'],
    [PLATFORM, 'https://abc.bedrock-agentcore.cn-north-1.amazonaws.com.cn/session'],
    [PLATFORM, 'http://abc.bedrock-agentcore.eu-central-1.amazonaws.com/session'],
    ['https://mcp.example.com', 'https://abc.bedrock-agentcore.eu-central-1.amazonaws.com/session'],
    ['https://x.amazonaws.com.example.com', 'https://abc.bedrock-agentcore.eu-central-1.amazonaws.com/session'],
    ['https://mcp.example.com', 'http://mcp.example.com/session'],
  ])('credentials for %s do not follow to %s', async (origin, offered) => {
    const url = `${origin}${RUNTIME}`;
    expect(await opened(origin, offered)).toEqual([`GET ${url}`, `DELETE ${url}`]);
  });

  test('a server that is not behind AgentCore has no such URL', async () => {
    const url = 'https://mcp.example.com/mcp';
    expect(await opened('https://mcp.example.com', 'https://mcp.example.com/session', '/mcp')).toEqual([
      `GET ${url}`,
      `DELETE ${url}`,
    ]);
  });

  test('the session is stopped by the id that the first answer tells', async () => {
    const stopped: (string | null)[] = [];
    const fetch = (url: string | URL, { method, headers, body }: RequestInit = {}): Promise<Response> => {
      const id = new Headers(headers).get(SESSION);
      if (String(url).includes('stopruntimesession')) {
        stopped.push(id);
        return Promise.resolve(new Response());
      }
      const message = method === 'POST' ? (JSON.parse(body as string) as { id?: number }) : {};
      if (message.id === undefined) {
        return Promise.resolve(new Response(null, { status: method === 'POST' ? 202 : 405 }));
      }
      const answer = initialized(message.id);
      const told = { 'content-type': 'application/json', ...answer.headers, [SESSION]: 'r'.repeat(40) };
      return Promise.resolve(new Response(JSON.stringify(answer.body), { headers: told }));
    };
    const client = await connect({ target: `${PLATFORM}${RUNTIME}`, auth: 'none', fetch });
    await client.close();
    expect(stopped).toEqual(['r'.repeat(40)]);
  });
});
