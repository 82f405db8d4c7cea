import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, interactivePrompt, interactiveResource, serve, type HttpListener } from 'stateful-mcp-server';
import { FASTMCP, pythonEnvironment } from './python-environment';

const program = pythonEnvironment(FASTMCP);
const WORD = z.object({ word: z.string() });

let listener: HttpListener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

/** What the program of Python printed. */
async function run(file: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(program('python'), [path.join(__dirname, file), ...args]);
  return JSON.parse(stdout);
}

function createServer(): McpServer {
  const server = new McpServer({ name: 'kit', version: '1.0.0' });
  server.registerTool(
    'converse',
    { description: 'Asks, samples and reports.', inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      await io.progress(1, 2, 'asking');
      const { word } = await io.elicitContent('a word', WORD);
      const { content } = await io.sample({
        messages: [{ role: 'user', content: { type: 'text', text: word } }],
        maxTokens: 10,
      });
      const again = await io.elicitContent('another word', WORD);
      await io.progress(2, 2, 'done');
      return {
        content: [{ type: 'text', text: `${word}, ${content.type === 'text' ? content.text : ''}, ${again.word}` }],
      };
    }),
  );
  server.registerPrompt(
    'topic',
    { description: 'Asks first.', argsSchema: z.object({}) },
    interactivePrompt(async (_args, io) => ({
      messages: [{ role: 'user', content: { type: 'text', text: (await io.elicitContent('a topic', WORD)).word } }],
    })),
  );
  server.registerResource(
    'word',
    'word://one',
    {},
    interactiveResource(async ({ uri }, io) => ({
      contents: [{ uri: uri.href, text: (await io.elicitContent('a title', WORD)).word }],
    })),
  );
  return server;
}

// `auto` begins with the modern era.
test.each([['auto'], ['legacy']])('the client of FastMCP holds the whole conversation: %s', async mode => {
  const eras = new Set<string>();
  listener = await serve(
    ({ era }) => {
      eras.add(era);
      return createServer();
    },
    { host: '127.0.0.1', port: 0, logLevel: 'error' },
  );
  expect(await run('fastmcp_client.py', listener.url, mode)).toMatchObject({
    tools: ['converse'],
    result: 'A WORD, sampled A WORD, ANOTHER WORD',
    prompt: 'A TOPIC',
    resource: 'A TITLE',
    asked: ['a word', 'another word', 'a topic', 'a title'],
    progress: expect.arrayContaining([
      [1, 2, 'asking'],
      [2, 2, 'done'],
    ]) as unknown[],
  });
  expect([...eras]).toEqual([mode === 'auto' ? 'modern' : 'legacy']);
});
