import { App, Stack } from 'aws-cdk-lib';
import { McpServerCode, Packaging, StatefulMcpServer } from '../../../lib';
import { removeTemporaryFolders } from '../../../lib/private/common/temporary-folder';
import { closeClients, connectClient, textOf } from '../../server/clients';
import { newFolder } from '../assembly';
import { bundleConversationServer } from '../fixtures/conversation';
import { startRuntime } from '../running';

afterEach(closeClients);
afterAll(removeTemporaryFolders);

test('the endpoint of a verified release is served, and the check of it is not missed', async () => {
  process.env.CDK_STATEFUL_MCP_CACHE = newFolder();
  const [folder, outdir] = [newFolder(), newFolder()];
  bundleConversationServer(folder);
  const app = new App({ outdir });
  const stack = new Stack(app, 'App');
  const server = new StatefulMcpServer(stack, 'Server', {
    runtimeName: 'conversation',
    code: McpServerCode.fromBundle(folder, 'index.js', { packaging: Packaging.zip() }),
  });
  expect(JSON.stringify(stack.resolve(server.url))).toContain('qualifier=live');
  app.synth();
  const { runtime, url, log } = await startRuntime({ assembly: outdir, runtimes: [] });
  const path = runtime.runtimes[0]?.invocationPath.replace('qualifier=DEFAULT', 'qualifier=live');
  const client = await connectClient('SDK v2 legacy', `${url}${path}`);
  expect(textOf(await client.call('remember', { word: 'hello' }))).toContain('hello');
  expect(log.map(({ line }) => line).join('\n')).not.toMatch(/ReleaseCheck|RuntimeEndpoint/);
});
