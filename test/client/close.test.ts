import { connect } from 'stateful-mcp-client';
import { closeServers, initialized, scriptedServer, v1Server } from './servers';

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
