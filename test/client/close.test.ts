import { connect } from 'stateful-mcp-client';
import { closeServers, initialized, listen, scriptedServer, v1Server } from './servers';

afterEach(closeServers);

test('ends the session by DELETE', async () => {
  const server = await v1Server();
  const client = await connect(server.url);
  const { sessionId } = client;

  await client.close();

  expect(server.requests.filter(({ verb }) => verb === 'DELETE')).toEqual([
    { verb: 'DELETE', method: undefined, sessionId },
  ]);
  expect(server.sessionIds()).toEqual([]);
});

test.each([
  ['cannot end sessions', { status: 405 }],
  ['fails to', { status: 500 }],
  ['never answers', 'hang' as const],
])('does not mind a server that %s', async (_name, answer) => {
  const { url, verbs } = await scriptedServer(({ id, method }, { method: verb }) => {
    if (verb === 'DELETE') {
      return answer;
    }
    if (verb === 'GET') {
      return { status: 405 };
    }
    return method === 'initialize' ? initialized(id) : { status: 202 };
  });
  const client = await connect(url);
  await client.close();
  expect(verbs.filter(verb => verb === 'DELETE')).toHaveLength(1);
});

test('does not mind a server that is no longer there', async () => {
  const client = await connect((await v1Server()).url);
  await closeServers();
  await client.close();
});

test('rejects what is under way and what comes later', async () => {
  const client = await connect((await v1Server()).url);
  const call = expect(client.callTool('wait')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await client.close();
  await client.close();
  await call;
  await expect(client.listTools()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});

test('while a new session is being started ends that one, too, and tells nobody of it', async () => {
  let answerInitialize: (() => void) | undefined;
  const ended: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => {
      const { id, method } = (text === '' ? {} : JSON.parse(text)) as { id?: number; method?: string };
      const json = (status: number, headers: object = {}, body?: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      };
      if (request.method === 'DELETE') {
        ended.push(request.headers['mcp-session-id'] as string);
        json(200);
      } else if (method === 'initialize' && String(id).startsWith('session-restart')) {
        const { body } = initialized(id);
        answerInitialize = () => json(200, { 'mcp-session-id': 'session-2' }, body);
      } else if (method === 'initialize') {
        const { headers, body } = initialized(id);
        json(200, headers, body);
      } else {
        json(method === 'tools/call' ? 404 : method === undefined ? 405 : 202);
      }
    });
  });
  const restarts: unknown[] = [];
  const client = await connect(url, { onSessionRestarted: restart => restarts.push(restart) });
  const call = expect(client.callTool('any')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  while (!answerInitialize) {
    await new Promise(setImmediate);
  }
  await client.close();
  answerInitialize();
  await call;
  while (ended.length < 2) {
    await new Promise(setImmediate);
  }
  expect(ended).toEqual(['session-1', 'session-2']);
  expect(restarts).toEqual([]);
});
