import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { closeKits, initialize, JSON_HEADERS, messagesOf, openKit, post, URL_OF_KIT, type Kit } from '../kit';

afterEach(closeKits);

const EMPTY = z.object({});

function register(server: McpServer): void {
  server.registerTool(
    'slow',
    { description: 'Waits for its end.', inputSchema: EMPTY },
    interactive(async (_args, io) => {
      await new Promise(resolve => io.signal.addEventListener('abort', resolve, { once: true }));
      await io.log('info', 'too late');
      await io.progress(1);
      return { content: [{ type: 'text', text: 'too late' }] };
    }),
  );
  server.registerTool(
    'ask',
    { description: 'Asks.', inputSchema: EMPTY },
    interactive(async (_args, io) => {
      await io.elicit('Who?', z.object({ name: z.string() }));
      return { content: [] };
    }),
  );
  server.registerTool('quick', { description: 'Answers.', inputSchema: EMPTY }, () => ({
    content: [{ type: 'text', text: 'done' }],
  }));
}

const call = (id: number, name: string) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {} },
});
const cancel = (requestId: number) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });

async function session(kit: Kit): Promise<Record<string, string>> {
  const elicitation = { elicitation: {} };
  const response = await post(kit, {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: elicitation, clientInfo: { name: 'raw', version: '1' } },
  });
  await response.text();
  return { 'mcp-session-id': response.headers.get('mcp-session-id')!, 'mcp-protocol-version': '2025-11-25' };
}

test.each(['slow', 'ask'])('ends the stream of a cancelled call of `%s`, without an answer', async tool => {
  const kit = openKit(register);
  const headers = await session(kit);
  const response = await post(kit, call(7, tool), headers);
  await post(kit, cancel(7), headers);
  const messages = await messagesOf(response);
  expect(messages.filter(message => 'result' in message || 'error' in message)).toEqual([]);
  expect(kit.handler.openCallCount).toBe(0);
});

test('ends the stream of a batch only when its other calls are answered', async () => {
  const kit = openKit(register);
  const headers = await session(kit);
  const response = await post(kit, [call(1, 'slow'), call(2, 'slow'), call(3, 'quick')], headers);
  await post(kit, cancel(1), headers);
  await post(kit, cancel(2), headers);
  const answers = (await messagesOf(response)).filter(message => 'result' in message);
  expect(answers.map(({ id }) => id)).toEqual([3]);
});

test('leaves the stream of a batch to the call that was not cancelled', async () => {
  const kit = openKit(register);
  const headers = await session(kit);
  const { body } = await post(kit, [call(1, 'slow'), call(2, 'ask')], headers);
  await post(kit, cancel(1), headers);
  let text = '';
  for await (const chunk of body!) {
    const came = new TextDecoder().decode(chunk);
    text += came;
    const [, question] = /data: (\{.*elicitation\/create.*)/.exec(came) ?? [];
    if (question !== undefined) {
      const { id } = JSON.parse(question) as { id: number };
      await post(kit, { jsonrpc: '2.0', id, result: { action: 'decline' } }, headers);
    }
  }
  expect(text.match(/"result":/g)).toHaveLength(1);
  expect(text).toMatch(/"id":2/);
  expect(kit.handler.openCallCount).toBe(0);
});

test('is cancelled by no other notification that names a call', async () => {
  const kit = openKit(register);
  const headers = await session(kit);
  const response = await post(kit, call(7, 'slow'), headers);
  await post(kit, { ...cancel(7), method: 'notifications/roots/list_changed' }, headers);
  expect(kit.handler.openCallCount).toBe(1);
  await post(kit, cancel(7), headers);
  expect(kit.handler.openCallCount).toBe(0);
  await response.text();
});

test('tells a client that comes back for the rest of a cancelled call that there is none', async () => {
  const kit = openKit(register);
  const headers = await session(kit);
  const response = await post(kit, call(7, 'slow'), headers);
  await post(kit, cancel(7), headers);
  const lastEventId = /^id: (.*)$/m.exec(await response.text())![1]!;
  const resumed = await kit.fetch(URL_OF_KIT, {
    headers: { ...headers, accept: 'text/event-stream', 'last-event-id': lastEventId },
  });
  expect(await messagesOf(resumed)).toMatchObject([{ id: 7, error: { message: 'the client cancelled this call' } }]);
});

test('lets the session idle although the client holds the stream of a call that it cancelled', async () => {
  const kit = openKit(register, { sessionIdleTimeoutMs: 100 });
  const headers = await session(kit);
  const response = await post(kit, call(7, 'slow'), headers);
  await post(kit, cancel(7), headers);
  while (kit.handler.sessionCount > 0) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  await response.text();
});

test('ignores the cancellation of a call that is unknown or answered', async () => {
  const kit = openKit(register);
  const headers = await session(kit);
  await messagesOf(await post(kit, call(1, 'quick'), headers));
  expect((await post(kit, cancel(1), headers)).status).toBe(202);
  expect((await post(kit, cancel(99), headers)).status).toBe(202);
  expect(await messagesOf(await post(kit, call(2, 'quick'), headers))).toHaveLength(1);
});

test('refuses an id that belongs to an open call, whose stream would never end otherwise', async () => {
  const kit = openKit(register);
  const id = await initialize(kit);
  const headers = { ...JSON_HEADERS, 'mcp-session-id': id };
  const first = await post(kit, call(7, 'slow'), headers);
  for (const body of [call(7, 'quick'), [call(8, 'quick'), call(8, 'quick')]]) {
    const second = await post(kit, body, headers);
    expect({ status: second.status, messages: await messagesOf(second) }).toMatchObject({
      status: 400,
      messages: [{ error: { code: -32600 } }],
    });
  }
  await post(kit, cancel(7), headers);
  await first.text();
  expect(await messagesOf(await post(kit, call(7, 'quick'), headers))).toMatchObject([{ id: 7, result: {} }]);
});
