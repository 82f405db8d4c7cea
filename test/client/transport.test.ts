import { Client } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/server';
import { createTransport } from 'stateful-mcp-client';
import { serve } from 'stateful-mcp-server';
import { closeServers, v1Server, v2Server } from './servers';

const AMOUNT = {
  type: 'object',
  properties: { amount: { type: 'number', minimum: 1 }, currency: { type: 'string', default: 'EUR' } },
  required: ['amount', 'currency'],
};

afterEach(closeServers);

test.each([
  ['a v1 server', v1Server, 'legacy'],
  ['a v2 server', v2Server, 'legacy'],
  ['a v2 server', v2Server, { pin: '2026-07-28' }],
] as const)('a client of the SDK gets messages of %s as the protocol has them: %s, %j', async (_, start, mode) => {
  const { url } = await start();
  const client = new Client(
    { name: 'framework', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
  );
  const asked: unknown[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params);
    return { action: 'accept', content: { amount: 3, currency: 'EUR' } };
  });
  const received: unknown[] = [];
  const transport = await createTransport({ target: url });
  await client.connect(transport);
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    received.push(message);
    onmessage?.(message, extra);
  };
  const result = await client.callTool({ name: 'ask', arguments: {} }, { onprogress: () => undefined });
  await client.close();
  expect(JSON.stringify(result)).toContain('amount');
  expect(asked).toEqual([expect.objectContaining({ message: 'How much?', requestedSchema: AMOUNT })]);
  expect(JSON.stringify([received, asked])).not.toContain('stateful-mcp-client/');
});

test.each(['legacy', { pin: '2026-07-28' }] as const)(
  'what a server does not offer is an error of the protocol, also behind HTTP status 404: %j',
  async mode => {
    const factory = () => new McpServer({ name: 'empty', version: '1.0.0' });
    await using server = await serve(factory, { host: '127.0.0.1', port: 0, logLevel: 'silent', handleSignals: false });
    const client = new Client({ name: 'framework', version: '1.0.0' }, { versionNegotiation: { mode } });
    await client.connect(await createTransport({ target: server.url }));
    await expect(client.getPrompt({ name: 'any' })).rejects.toMatchObject({
      name: 'ProtocolError',
      code: -32601,
      message: 'Method not found',
    });
    await client.close();
  },
);
