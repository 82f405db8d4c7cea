import { closeKits, echo, initialize, JSON_HEADERS, openKit, post, URL_OF_KIT } from '../kit';

afterEach(closeKits);

test('a handler that was closed answers no ping either', async () => {
  const kit = openKit(echo);
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  expect((await post(kit, ping)).status).toBe(200);
  await kit.handler.close();
  expect((await post(kit, ping)).status).toBe(503);
});

test('OPTIONS tells the methods of the endpoint', async () => {
  const response = await openKit(echo).fetch(URL_OF_KIT, { method: 'OPTIONS' });
  expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, POST, DELETE']);
});

test('DELETE, which has no answer to read, accepts whatever it says', async () => {
  const kit = openKit(echo);
  const headers = { ...JSON_HEADERS, accept: 'text/html', 'mcp-session-id': await initialize(kit) };
  expect((await kit.fetch(URL_OF_KIT, { method: 'GET', headers })).status).toBe(406);
  expect((await kit.fetch(URL_OF_KIT, { method: 'DELETE', headers })).status).toBe(200);
  expect(kit.handler.sessionCount).toBe(0);
});
