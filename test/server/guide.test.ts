// docs/reference/server-kit.md and docs/guides: their examples are the files of fixtures/guide, and they do what the
// pages say.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BedrockRuntimeClient, type ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import * as contract from 'stateful-mcp-contract';
import { openTestClient } from 'stateful-mcp-server/testing';
import { bundle, closeChildren, removeBundles, startChild } from './child-server';
import { CLIENT_KINDS, closeClients, connectClient, LEGACY_KINDS, textOf, type ConnectOptions } from './clients';
import { createServer as fallbackServer } from './fixtures/guide/fallback';
import { createServer as libraryServer } from './fixtures/guide/library';
import { fetch as fetchFromOwnServer } from './fixtures/guide/own-server';
import { createServer as paymentServer, type Bank } from './fixtures/guide/payment';

const ROOT = path.join(__dirname, '..', '..');
const EXAMPLES = path.join(__dirname, 'fixtures', 'guide');
const REFERENCE = readFileSync(path.join(ROOT, 'docs', 'reference', 'server-kit.md'), 'utf8');
const GUIDES = readdirSync(path.join(ROOT, 'docs', 'guides'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md'))
  .map(name => readFileSync(path.join(ROOT, 'docs', 'guides', name), 'utf8'));

afterAll(removeBundles);
afterEach(async () => {
  jest.restoreAllMocks();
  await closeClients();
  await closeChildren();
});

const LUNCH: ConnectOptions = {
  elicit: () => ({ action: 'accept', content: { dish: 'soup' } }),
  sample: prompt => `(${prompt})`,
};
const start = (example: string) => startChild(bundle(path.join(EXAMPLES, example)));

const examplesOf = (page: string): string[][] =>
  [...page.matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g)].map(([, name = '', code = '']) => [name, code]);

test('the reference shows examples alone', () => {
  expect(examplesOf(REFERENCE)).toHaveLength([...REFERENCE.matchAll(/```/g)].length / 2);
});

test('every example is shown as it is', () => {
  const shown = [REFERENCE, ...GUIDES].flatMap(examplesOf);
  const files = Object.fromEntries(
    readdirSync(EXAMPLES).map(name => [name, readFileSync(path.join(EXAMPLES, name), 'utf8')]),
  );
  for (const [name = '', code] of shown) {
    expect([name, code]).toEqual([name, files[name]]);
  }
  expect(new Set(shown.map(([name]) => name))).toEqual(new Set(Object.keys(files)));
});

test('the reference lists the environment variables that there are', () => {
  const sources = readdirSync(path.join(ROOT, 'server', 'src'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.ts'),
  );
  const source = sources.map(name => readFileSync(path.join(ROOT, 'server', 'src', name), 'utf8')).join('\n');
  const named = (text: string, pattern: RegExp): string[] =>
    [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].sort();
  const variables = named(source, /\b(\w+_VARIABLE)\b/g).map(name => contract[name as keyof typeof contract]);
  expect(named(REFERENCE, /^\| .*`(PORT|STATEFUL_MCP_\w+)`/gm)).toEqual(variables.sort());
});

test.each(CLIENT_KINDS)('main.ts serves lunch: %s', async kind => {
  const { url } = await start('main.ts');
  expect(textOf(await (await connectClient(kind, url, LUNCH)).call('order_lunch'))).toBe(
    '1 x soup.(What goes well with soup?)',
  );
});

test.each(LEGACY_KINDS)('stateless.ts says why it cannot ask: %s', async kind => {
  const { url } = await start('stateless.ts');
  expect(textOf(await (await connectClient(kind, url, LUNCH)).call('order_lunch'))).toContain(
    'this server keeps no sessions',
  );
});

test('own-server.ts answers requests', async () => {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const client = await connectClient('SDK v2 modern', 'http://kit.test/tools/mcp', {
    ...LUNCH,
    fetch: (url, init) => fetchFromOwnServer(new Request(url, init)),
  });
  expect(textOf(await client.call('order_lunch'))).toContain('1 x soup.');
});

test('self-test.ts is warmed up', async () => {
  const { url } = await start('self-test.ts');
  expect((await fetch(new URL('/warmup', url), { method: 'POST' })).status).toBe(200);
});

test('stdio.ts serves server-everything', async () => {
  const client = await connectClient('SDK v1', (await start('stdio.ts')).url);
  expect(textOf(await client.call('echo', { message: 'hello' }))).toContain('hello');
});

describe.each(['legacy', 'modern'] as const)('%s', era => {
  test('payment.ts pays once, by the rate that it showed', async () => {
    const bank = {
      rate: jest.fn<Promise<number>, []>().mockResolvedValueOnce(2).mockResolvedValue(3),
      pay: jest.fn<Promise<void>, Parameters<Bank['pay']>>().mockResolvedValue(),
    };
    const client = await openTestClient(() => paymentServer(bank), {
      era,
      elicitation: [{ accept: { amount: 5 } }, { question: 'Pay 10?', accept: { sure: true } }],
    });
    expect((await client.callTool('pay')).text).toBe('Paid.');
    expect(bank.pay.mock.calls).toEqual([[expect.stringMatching(/^[0-9a-f-]{36}$/), 10]]);
    await client.close();
  });

  test('library.ts asks for prompts and resources', async () => {
    const client = await openTestClient(libraryServer, {
      era,
      elicitation: [{ accept: { topic: 'bees' } }, { accept: { language: 'de' } }],
    });
    expect((await client.getPrompt('summarize')).messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'Summarize bees.' } },
    ]);
    expect((await client.readResource('book://walden')).contents).toMatchObject([{ text: 'walden (de)' }]);
    await client.close();
  });

  test('fallback.ts asks Amazon Bedrock when the client has no model', async () => {
    const bedrock = new BedrockRuntimeClient({ region: 'eu-west-1' });
    const asked: unknown[] = [];
    Object.assign(bedrock, {
      send: ({ input }: ConverseCommand) => {
        asked.push(input.modelId);
        return Promise.resolve({
          output: { message: { role: 'assistant', content: [{ text: 'bright' }] } },
          stopReason: 'end_turn',
        });
      },
    });
    const client = await openTestClient(() => fallbackServer({ modelId: 'amazon.nova-lite-v1:0', client: bedrock }), {
      era,
    });
    expect((await client.callTool('rhyme', { word: 'light' })).text).toBe('bright');
    expect(asked).toEqual(['amazon.nova-lite-v1:0']);
    await client.close();
  });
});
