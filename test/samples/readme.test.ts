import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { LocalRuntime } from 'stateful-mcp-local';
import { connect } from 'stateful-mcp-client';
import os from 'node:os';

const root = path.join(__dirname, '..', '..');

let folder: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The server of the README, bundled as it stands there. */
function bundleReadmeServer(): string {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, snippet] = /## Twenty lines of server\n+```js\n([\s\S]*?)```/.exec(readme) ?? [];
  if (snippet === undefined) {
    throw new Error('README.md has no snippet under "Twenty lines of server"');
  }
  folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-readme-'));
  const outfile = path.join(folder, 'index.js');
  buildSync({
    stdin: { contents: snippet, resolveDir: path.join(root, 'samples', 'expense-tracker'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
  });
  return outfile;
}

test('the server of the README holds the conversation that it shows', async () => {
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'lunch', command: [process.execPath, bundleReadmeServer()] }],
  });
  try {
    const listener = await runtime.listen({ port: 0 });
    const steps: string[] = [];
    const client = await connect(`${listener.url}/mcp`, {
      elicitation: () => ({ action: 'accept', content: { dish: 'soup' } }),
      sampling: () => ({ role: 'assistant', model: 'test', content: { type: 'text', text: 'What a soup!' } }),
      progress: ({ message }) => {
        steps.push(message ?? '');
      },
    });
    const result = await client.callTool('order_lunch');
    await client.close();
    expect(result.content).toEqual([
      { type: 'text', text: 'Ordered soup.' },
      { type: 'text', text: 'What a soup!' },
    ]);
    expect(steps).toEqual(['found a table', 'told the kitchen', 'paid']);
  } finally {
    await runtime.close();
  }
});
