import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, interactivePrompt, interactiveResource } from 'stateful-mcp-server';
import { openTestClient, type TestClient, type TestClientOptions } from 'stateful-mcp-server/testing';

const opened: TestClient[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map(client => client.close().catch(() => undefined)));
});

const AMOUNT = z.object({ amount: z.number().positive() });
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

function createServer(): McpServer {
  const server = new McpServer({ name: 'tested', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool(
    'add',
    { inputSchema: z.object({ who: z.string().optional() }) },
    interactive(async ({ who }, io) => {
      await io.progress(1, 2, 'asking');
      const { amount } = await io.elicitContent(`How much, ${who ?? 'stranger'}?`, AMOUNT);
      const { content } = await io.sample({
        messages: [{ role: 'user', content: { type: 'text', text: `Comment on ${amount}` } }],
        maxTokens: 10,
      });
      await io.log('info', 'nearly done');
      await io.progress(2, 2, 'done');
      return { content: [{ type: 'text', text: `${amount}: ` }, content] };
    }),
  );
  server.registerTool(
    'careless',
    { inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      const answer = await io.elicit('Sure?', z.object({ sure: z.boolean() })).catch(() => ({ action: 'ignored' }));
      return text(answer.action);
    }),
  );
  server.registerTool(
    'sign_in',
    { inputSchema: z.object({}) },
    interactive(async (_args, io) => text((await io.elicitUrl('Sign in', 'https://example.com/')).action)),
  );
  server.registerPrompt(
    'topic',
    { argsSchema: z.object({}) },
    interactivePrompt(async (_args, io) => {
      const { amount } = await io.elicitContent('How many?', AMOUNT);
      return { messages: [{ role: 'user', content: { type: 'text', text: String(amount) } }] };
    }),
  );
  server.registerResource(
    'total',
    'total://all',
    {},
    interactiveResource(async ({ uri }, io) => ({
      contents: [{ uri: uri.href, text: (await io.elicit('How much?', AMOUNT)).action }],
    })),
  );
  return server;
}

describe.each(['legacy', 'modern'] as const)('%s', era => {
  async function open(options: TestClientOptions = {}): Promise<TestClient> {
    const client = await openTestClient(createServer, { era, ...options });
    opened.push(client);
    return client;
  }

  test('holds a scripted conversation', async () => {
    const client = await open({ elicitation: [{ accept: { amount: 12.5 } }], sampling: ['Fine.'] });
    const result = await client.callTool('add', { who: 'Ada' });
    expect(result.text).toBe('12.5: Fine.');
    expect(client.questions.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'elicitation: How much, Ada?',
      'sampling: Comment on 12.5',
    ]);
    expect(client.progress).toEqual([
      { progress: 1, total: 2, message: 'asking' },
      { progress: 2, total: 2, message: 'done' },
    ]);
    await client.close();
  });

  test('answers prompts, resources, pages and refusals', async () => {
    const client = await open({
      elicitation: [
        { accept: { amount: 3 }, question: 'How many?' },
        'cancel',
        'accept',
        { action: 'decline', question: /^How much/ },
      ],
    });
    expect((await client.getPrompt('topic')).messages).toEqual([
      { role: 'user', content: { type: 'text', text: '3' } },
    ]);
    expect((await client.readResource('total://all')).contents).toEqual([{ uri: 'total://all', text: 'cancel' }]);
    expect((await client.callTool('sign_in')).text).toBe('accept');
    expect((await client.callTool('add')).text).toBe('the user declined to answer: How much, stranger?');
    await client.close();
  });

  test('lets the script look at what the model is asked', async () => {
    const client = await open({
      elicitation: [{ accept: { amount: 1 } }],
      sampling: [({ maxTokens }) => `${maxTokens} tokens`],
    });
    expect((await client.callTool('add')).text).toBe('1: 10 tokens');
  });

  test('declares only what is scripted', async () => {
    const client = await open({ sampling: [] });
    await expect(client.callTool('careless')).resolves.toMatchObject({ text: 'ignored' });
    await client.close();
  });

  test.each<[string, TestClientOptions, string, string]>([
    [
      'a question without an answer',
      { elicitation: [] },
      'careless',
      'the server asked "Sure?", and all scripted answers of `elicitation` are used up',
    ],
    [
      'another question',
      { elicitation: [{ accept: {}, question: 'Really?' }] },
      'careless',
      'the server asked "Sure?", but the next scripted answer is for "Really?"',
    ],
    [
      'a form instead of a page',
      { elicitation: ['accept'] },
      'careless',
      'the server asked "Sure?" with a form of sure: write { accept: { … } } with its fields',
    ],
    [
      'a page instead of a form',
      { elicitation: [{ accept: {} }] },
      'sign_in',
      'the server asked the user to visit https://example.com/',
    ],
    [
      'a model without an answer',
      { elicitation: [{ accept: { amount: 1 } }], sampling: [] },
      'add',
      'the server asked the model "Comment on 1", and all scripted answers of `sampling` are used up',
    ],
  ])('fails the call at %s, whatever the tool makes of it', async (_name, options, tool, message) => {
    const client = await open(options);
    await expect(client.callTool(tool)).rejects.toMatchObject({
      code: 'ERR_UNEXPECTED_QUESTION',
      message: expect.stringContaining(message) as string,
    });
  });

  test('complains about answers that nobody asked for, after it has ended the server', async () => {
    const client = await open({ elicitation: ['decline', { accept: { amount: 1 } }], sampling: [() => 'never'] });
    await client.callTool('careless');
    await expect(client.close()).rejects.toMatchObject({
      code: 'ERR_UNUSED_ANSWERS',
      message:
        'the server asked less than the script answers: 2 unused (elicitation {"accept":{"amount":1}}; sampling by a function)',
    });
    await expect(client.callTool('careless')).rejects.toThrow();
  });

  test('an error of the server is that of the call', async () => {
    await expect((await open()).readResource('total://none')).rejects.toThrow('total://none');
  });
});

test('ends with the block of an `await using`, and then complains about unused answers', async () => {
  const useNothing = async (): Promise<void> => {
    await using client = await openTestClient(createServer, { sampling: ['unused'] });
    expect(client.questions).toEqual([]);
  };
  await expect(useNothing()).rejects.toMatchObject({ code: 'ERR_UNUSED_ANSWERS' });
});

test('records what a legacy server logs', async () => {
  const client = await openTestClient(createServer, { elicitation: [{ accept: { amount: 1 } }], sampling: ['Fine.'] });
  opened.push(client);
  await client.callTool('add');
  expect(client.logs).toMatchObject([{ level: 'info', data: 'nearly done' }]);
});

test('serves the way it is told to', async () => {
  const client = await openTestClient(createServer, { elicitation: [], serve: { stateless: true } });
  opened.push(client);
  expect((await client.callTool('sign_in')).text).toContain('this server keeps no sessions');
});

// What authors install is the built package, and both of its halves must meet in one copy of the kit.
test.each([
  ['ESM', 'module'],
  ['CommonJS', 'commonjs'],
])('works from %s through the built package', (_name, type) => {
  const load = (names: string, specifier: string): string =>
    type === 'module' ? `import { ${names} } from '${specifier}';` : `const { ${names} } = require('${specifier}');`;
  const program = [
    load('McpServer', '@modelcontextprotocol/server'),
    load('interactive, ServerKitError', 'stateful-mcp-server'),
    load('openTestClient', 'stateful-mcp-server/testing'),
    load('z', 'zod'),
    `const createServer = () => {
      const server = new McpServer({ name: 'built', version: '1.0.0' });
      server.registerTool('ask', { inputSchema: z.object({}) }, interactive(async (_args, io) => ({
        content: [{ type: 'text', text: (await io.elicitContent('Name?', z.object({ name: z.string() }))).name }],
      })));
      return server;
    };
    (async () => {
      for (const era of ['legacy', 'modern']) {
        const client = await openTestClient(createServer, { era, elicitation: [{ accept: { name: era } }, 'cancel'] });
        console.log((await client.callTool('ask')).text);
        await client.close().catch(error => console.log(error instanceof ServerKitError, error.code));
      }
    })();`,
  ].join('\n');
  const root = path.join(__dirname, '..', '..');
  expect(
    execFileSync(process.execPath, [`--input-type=${type}`, '--eval', program], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n'),
  ).toEqual(['legacy', 'true ERR_UNUSED_ANSWERS', 'modern', 'true ERR_UNUSED_ANSWERS']);
});
