import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { CLIENT_KINDS, closeClients, connectClient, LEGACY_KINDS, textOf, type ClientKind } from '../clients';
import { closeKits, openKit, URL_OF_KIT } from '../kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

const circle: Record<string, unknown> = {};
circle['circle'] = circle;
const throwing = {
  toJSON: (): never => {
    throw new Error('not to be shown');
  },
};
/** What JSON cannot hold. */
const VALUES: Readonly<Record<string, unknown>> = { 'a bigint': 1n, 'a circle': circle, 'what throws': throwing };
const EMPTY = z.object({});

function register(server: McpServer): void {
  const value = (name: string) => ({ value: VALUES[name] });
  server.registerTool(
    'return',
    { description: 'Returns.', inputSchema: z.object({ name: z.string() }) },
    ({ name }) => ({
      content: [],
      _meta: value(name),
    }),
  );
  server.registerTool(
    'log',
    { description: 'Logs.', inputSchema: z.object({ name: z.string() }) },
    interactive(async ({ name }, io) => {
      await io.log('info', VALUES[name]);
      return { content: [] };
    }),
  );
  server.registerTool('fine', { description: 'Is fine.', inputSchema: EMPTY }, () => ({
    content: [{ type: 'text', text: 'fine' }],
  }));
}

const ways = CLIENT_KINDS.flatMap(kind =>
  [false, true].flatMap(stateless =>
    kind === 'SDK v2 modern' && stateless ? [] : Object.keys(VALUES).map(name => ({ kind, stateless, name })),
  ),
);

test.each<{ kind: ClientKind; stateless: boolean; name: string }>(ways)(
  'a result with $name is an error of its call alone ($kind, stateless: $stateless)',
  async ({ kind, stateless, name }) => {
    const kit = openKit(register, { stateless });
    const client = await connectClient(kind, URL_OF_KIT, { fetch: kit.fetch });
    await expect(client.call('return', { name })).rejects.toMatchObject({
      code: -32603,
      message: expect.stringMatching(/cannot be sent as JSON: .+$/) as string,
    });
    expect(textOf(await client.call('fine', {}))).toBe('fine');
    expect(kit.handler.openCallCount).toBe(0);
  },
);

test.each(LEGACY_KINDS.flatMap(kind => Object.keys(VALUES).map(name => ({ kind, name }))))(
  'a log message with $name fails the tool that sends it, and nothing after it ($kind)',
  async ({ kind, name }) => {
    const kit = openKit(register);
    const client = await connectClient(kind, URL_OF_KIT, { fetch: kit.fetch });
    expect(await client.call('log', { name })).toMatchObject({ isError: true });
    expect(textOf(await client.call('fine', {}))).toBe('fine');
  },
);
