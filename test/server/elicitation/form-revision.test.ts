import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { elicitationForm } from '../../../server/src/elicitation/elicitation-schema';
import { formOfRevision } from '../../../server/src/elicitation/form-revision';
import { closeKits, messagesOf, openKit, post } from '../kit';

afterEach(closeKits);

const { requestedSchema } = elicitationForm(
  z.object({
    color: z.union([z.literal('r').meta({ title: 'Red' }), z.literal('b').meta({ title: 'Blue' })]),
    size: z.enum(['s', 'm']).default('s'),
    name: z.string().default('x'),
    count: z.number().default(1),
    sure: z.boolean().default(true),
  }),
);

test.each(['2025-06-18', '2025-03-26'])('a client of %s gets titles beside the choices, and no defaults', revision => {
  expect(formOfRevision(requestedSchema, revision).properties).toEqual({
    color: { type: 'string', enum: ['r', 'b'], enumNames: ['Red', 'Blue'] },
    size: { type: 'string', enum: ['s', 'm'] },
    name: { type: 'string' },
    count: { type: 'number' },
    sure: { type: 'boolean', default: true },
  });
});

test.each(['2025-11-25', undefined])('a client of %s gets the form as it is', revision => {
  expect(formOfRevision(requestedSchema, revision)).toBe(requestedSchema);
});

test('a list of choices for an older client is an error of the kit', async () => {
  const kit = openKit((server: McpServer) => {
    server.registerTool(
      'many',
      { description: 'Asks.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        await io.elicit('Which?', z.object({ m: z.array(z.enum(['x', 'y'])) }));
        return { content: [] };
      }),
    );
  });
  const opened = await post(kit, {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'raw', version: '1' },
    },
  });
  await opened.text();
  const called = await post(
    kit,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'many', arguments: {} } },
    { 'mcp-session-id': opened.headers.get('mcp-session-id')! },
  );
  const [answer] = await messagesOf(called);
  expect(JSON.stringify(answer)).toMatch(/`m` is a list of choices, which a client of protocol 2025-06-18 cannot show/);
});
