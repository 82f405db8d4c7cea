// What `install` writes, read by the hosts themselves: they connect to a server by it, as far as they go without a model.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newFolder } from '../local/assembly';
import { CREDENTIALS } from '../local/aws-clients';
import { bundleConversationServer } from '../local/fixtures/conversation';
import { startRuntime, type Started } from '../local/running';
import { installHosts, newHome, type InstalledHosts } from './installed-hosts';

let server: string;
beforeAll(() => {
  installHosts();
  server = bundleConversationServer(newFolder());
});

interface Reached extends InstalledHosts {
  /** A server that takes anybody. */
  readonly open: string;
  /** One that takes signed requests alone. */
  readonly signed: string;
}

async function reach(): Promise<Reached> {
  const command: [string, string] = [process.execPath, server];
  const start = (guarded: boolean): Promise<Started> =>
    startRuntime({
      runtimes: [{ name: 'conversation', command }],
      ...(guarded ? { credentials: [CREDENTIALS], auth: 'platform-urls' } : { auth: 'off' }),
    });
  const [open, signed] = [await start(false), await start(true)];
  const hosts = newHome();
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  mkdirSync(path.join(hosts.home, '.aws'));
  writeFileSync(
    path.join(hosts.home, '.aws/credentials'),
    `[work]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  return {
    ...hosts,
    open: open.endpoint.url,
    signed: `${signed.url}${signed.runtime.runtimes[0]?.invocationPath}`,
  };
}

/** One server by HTTP, the other by `proxy`. */
async function installBoth(host: string, { install, open, signed }: Reached): Promise<void> {
  await install(host, '--url', open, '--name', 'direct');
  await install(host, '--url', signed, '--name', 'through', '--profile', 'work', '--region', 'us-east-1');
}

test('Claude Code connects by HTTP and by `proxy`', async () => {
  const reached = await reach();
  const { host, install, open } = reached;
  await installBoth('claude', reached);
  await install('claude', '--url', open, '--name', 'shared', '--scope', 'project');
  const oauth = ['--client-id', 'desk', '--callback-port', '3118', '--oauth-scope', 'a'];
  await install('claude', '--url', open, '--name', 'oauth', ...oauth, '--server-metadata-url', 'https://m.example/x');

  const list = await host('claude', 'mcp', 'list');
  expect(list).toMatch(/^direct: \S+ \(HTTP\) - ✔ Connected$/m);
  expect(list).toMatch(/^through: npx -y stateful-mcp@\S+ proxy .* - ✔ Connected$/m);
  expect(list).toMatch(/^shared: \S+ \(HTTP\) - ⏸ Pending approval/m);
  const got = await host('claude', 'mcp', 'get', 'oauth');
  expect(got).toContain('client_id');
  expect(got).toContain('callback_port 3118');

  await install('claude', '--uninstall', '--name', 'direct');
  await expect(host('claude', 'mcp', 'get', 'direct')).rejects.toThrow('direct');
});

test('Gemini CLI connects by HTTP and by `proxy`', async () => {
  const reached = await reach();
  await installBoth('gemini', reached);
  const list = await reached.host('gemini', 'mcp', 'list');
  expect(list).toMatch(/direct: \S+ \(http\) - Connected/);
  expect(list).toMatch(/through: npx .* \(stdio\) - Connected/);
});

test.each(['legacy', 'modern'])('MCP Inspector calls a tool by HTTP and by `proxy`: %s', async era => {
  const reached = await reach();
  await installBoth('inspector', reached);
  for (const name of ['direct', 'through']) {
    const call = ['--cli', '--server', name, '--protocol-era', era, '--format', 'json', '--quiet'];
    const method = ['--method', 'tools/call', '--tool-name', 'remember', '--tool-arg', 'word=red'];
    const result = JSON.parse(await reached.host('inspector', ...call, ...method)) as object;
    expect(result).toMatchObject({ result: { content: [{ text: expect.stringMatching(/^\d+: red$/) as string }] } });
  }
});
