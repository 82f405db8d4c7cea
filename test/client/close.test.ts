import { connect, fileSessionStore } from 'stateful-mcp-client';
import { restoreEnvironment, temporaryDirectory } from './environment';
import { closeServers, initialized, listen, scriptedServer, v1Server } from './servers';

afterEach(closeServers);
afterEach(restoreEnvironment);

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

test.each([
  ['after the end of the old one', { endIsSlow: false, isKept: false }],
  ['before the end of the old one', { endIsSlow: true, isKept: false }],
  ['after the end of the old one, which was kept,', { endIsSlow: false, isKept: true }],
  ['before the end of the old one, which was kept,', { endIsSlow: true, isKept: true }],
])('a new session that has started %s ends, too, and nobody is told of it', async (_when, { endIsSlow, isKept }) => {
  let answerInitialize: (() => void) | undefined;
  let answerDelete: (() => void) | undefined;
  const ended: (string | undefined)[] = [];
  const calls: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => {
      const sessionId = request.headers['mcp-session-id'] as string | undefined;
      const { id, method } = (text === '' ? {} : JSON.parse(text)) as { id?: number; method?: string };
      const json = (status: number, headers: object = {}, body?: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      };
      if (request.method === 'DELETE') {
        ended.push(sessionId);
        if (endIsSlow && sessionId === 'session-1') {
          answerDelete = () => json(200);
        } else {
          json(200);
        }
      } else if (method === 'initialize' && String(id).startsWith('session-restart')) {
        const { body } = initialized(id);
        answerInitialize = () => json(200, { 'mcp-session-id': 'session-2' }, body);
      } else if (method === 'initialize') {
        const { headers, body } = initialized(id);
        json(200, headers, body);
      } else {
        if (method === 'tools/call') {
          calls.push(sessionId);
        }
        json(method === 'tools/call' ? 404 : method === undefined ? 405 : 202);
      }
    });
  });
  const restarts: unknown[] = [];
  const sessions = isKept ? fileSessionStore(temporaryDirectory()) : undefined;
  const client = await connect(url, { sessions, onSessionRestarted: restart => restarts.push(restart) });
  const call = expect(client.callTool('any')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  while (!answerInitialize) {
    await new Promise(setImmediate);
  }
  const closed = client.endSession();
  if (endIsSlow) {
    while (!answerDelete) {
      await new Promise(setImmediate);
    }
    answerInitialize();
    await call;
    answerDelete();
    await closed;
  } else {
    await closed;
    answerInitialize();
    await call;
  }
  while (ended.length < 2) {
    await new Promise(setImmediate);
  }
  expect(ended).toEqual(['session-1', 'session-2']);
  expect(calls).toEqual(['session-1']);
  expect(restarts).toEqual([]);
  expect(await sessions?.list()).toEqual(isKept ? [] : undefined);
});
