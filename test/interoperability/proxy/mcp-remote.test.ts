import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { newFolder } from '../../local/assembly';
import { bundleConversationServer } from '../../local/fixtures/conversation';
import { startRuntime, type Started } from '../../local/running';
import { LEGACY_KINDS } from '../../server/clients';
import { closeStdioClients, connectByStdio, converseThroughProxies, type Program } from './stdio-conversation';

let server: string;
let folder: string;
beforeAll(() => {
  server = bundleConversationServer(newFolder());
  folder = newFolder();
  execFileSync(
    'npm',
    ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock', 'mcp-remote@0.15.1'],
    { stdio: 'pipe' },
  );
});
afterEach(closeStdioClients);

const start = (): Promise<Started> =>
  startRuntime({ runtimes: [{ name: 'conversation', command: [process.execPath, server] }] });

/**
 * The proxy, which takes plain HTTP where it is loopback. It keeps what it knows of servers in a folder of the person's
 * home, unless told another.
 */
function proxyTo({ endpoint }: Started): Program {
  return {
    command: process.execPath,
    args: [
      path.join(folder, 'node_modules/mcp-remote/dist/proxy.js'),
      endpoint.url,
      '--transport',
      'http-only',
      '--silent',
    ],
    env: { MCP_REMOTE_CONFIG_DIR: path.join(folder, 'known-servers') },
  };
}

test.each(LEGACY_KINDS)(
  '%s through mcp-remote: elicitation, sampling and progress, in a session for each proxy',
  async kind => {
    const started = await start();
    await converseThroughProxies(kind, () => proxyTo(started));
  },
);

// What it costs on AgentCore: it tries the server with a session of its own first, and asks for OAuth's documents
// without one.
test('mcp-remote opens more sessions than it uses, and leaves all of them to their idle timeout', async () => {
  const started = await start();
  const client = await connectByStdio('SDK v1', proxyTo(started), 'Ana');
  const [pid = ''] = (await client.call('remember', { word: 'red' })).split(':');
  await client.close();
  const sessions = started.runtime.sessions();
  expect(sessions.length).toBeGreaterThan(1);
  expect(sessions.map(session => session.pid)).toContain(Number(pid));
  expect(sessions.every(({ state }) => state === 'idle' || state === 'active')).toBe(true);
});
