import { connect } from 'stateful-mcp-client';
import { closeServers, initialized, listen, scriptedServer } from '../servers';

afterEach(closeServers);

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
