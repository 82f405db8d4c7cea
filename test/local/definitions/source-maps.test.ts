import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { McpServerCode, Packaging, StatefulMcpServer } from '../../../lib';
import { removeTemporaryFolders } from '../../../lib/private/common/temporary-folder';
import { closeClients, connectClient } from '../../server/clients';
import { newFolder } from '../assembly';
import { startRuntime } from '../running';

afterEach(closeClients);
afterAll(removeTemporaryFolders);
beforeAll(() => {
  process.env.CDK_STATEFUL_MCP_CACHE = newFolder();
});

/** The tool throws in line 12, and again in line 14 where nobody catches it. */
const SERVER = `import { McpServer } from '@modelcontextprotocol/server';
import { serve } from 'stateful-mcp-server';

interface Failing {
  readonly times: number;
}

void serve(() => {
  const server = new McpServer({ name: 'failing', version: '1.0.0' });
  server.registerTool('fail', { description: 'Fails.' }, () => {
    const failing: Failing = { times: 2 };
    try { throw new Error(\`caught one of \${failing.times}\`); } catch (error) { console.error((error as Error).stack); }
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
    return { content: [] };
  });
  return server;
});
`;

test.each([
  ['an image', Packaging.image(), undefined],
  ['a zip file', Packaging.zip(), undefined],
  ['a zip file with flags of its own', Packaging.zip(), { NODE_OPTIONS: '--stack-trace-limit=20' }],
])('errors of a tool in %s name the line of the source', async (_form, packaging, environment) => {
  const project = newFolder();
  symlinkSync(path.resolve('node_modules'), path.join(project, 'node_modules'));
  writeFileSync(path.join(project, 'package.json'), '{ "name": "failing" }');
  writeFileSync(path.join(project, 'server.ts'), SERVER);
  const outdir = newFolder();
  const app = new App({ outdir });
  new StatefulMcpServer(new Stack(app, 'App'), 'Server', {
    runtimeName: 'failing',
    code: McpServerCode.fromTypeScript(path.join(project, 'server.ts'), { packaging }),
    environment,
  });
  app.synth();
  const { url, log } = await startRuntime({ assembly: outdir, runtimes: [] });
  const client = await connectClient('SDK v2 legacy', `${url}/mcp`);
  await client.call('fail', {}).catch(() => undefined);
  const said = (): string => log.map(({ line }) => line).join('\n');
  while (!said().includes('nobody catches this')) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(said()).toMatch(/caught one of 2\n +at .*server\.ts:12:17/);
  expect(said()).toMatch(/nobody catches this.*server\.ts:14:13/);
});
