import { readdirSync } from 'node:fs';
import path from 'node:path';
import { removeTemporaryFolders, synthesizedAssembly } from '../assembly';
import { startDev } from '../dev-command';
import { endCommands, run } from '../run-command';

let one: string;
let two: string;
beforeAll(() => {
  one = synthesizedAssembly('everything');
  two = synthesizedAssembly('first', 'second');
});

afterAll(endCommands);
afterAll(removeTemporaryFolders);

test('serves every runtime of an app, and shows sessions and their logs', async () => {
  const developing = await startDev(['--app', two]);
  expect(developing.output()).toMatch(/^first {2}\(idle timeout 15 min, max lifetime 8 h\)$/m);
  expect(developing.output()).toContain(`${developing.origin}/second/mcp`);
  expect(developing.output()).toMatch(
    /^ {2}http:\/\/127\.0\.0\.1:\d+\/runtimes\/arn%3A.+%2Fsecond-\w+\/invocations\?qualifier=DEFAULT$/m,
  );

  expect(
    await run(['call', '--url', `${developing.origin}/second/mcp`, 'greet', '{"name":"Zoe","loud":true}']),
  ).toEqual({ code: 0, stdout: 'HELLO Zoe, call 1\n', stderr: 'call          greet {"name":"Zoe","loud":true}\n' });

  await developing.until('session ended: deleted; $0.0000');
  expect(developing.output()).toMatch(/^\[second ([0-9a-f]{8})\] session \1[0-9a-f-]+ started, process \d+$/m);
  expect(developing.output()).toMatch(/^\[second [0-9a-f]{8}\] .*listening/m);
});

test('says which tools there are when one is called that the server does not have', async () => {
  const developing = await startDev(['--app', one]);
  const { code, stdout, stderr } = await run(['call', '--url', `${developing.origin}/mcp`, 'greeet', '{"name":"Zoe"}']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^warning +the server lists no tool `greeet`\. There is: .*\bgreet\b/m);
});

test('says so, too, of a server that answers with a result that is an error', async () => {
  const server = `
    const { McpServer } = require(${JSON.stringify(require.resolve('@modelcontextprotocol/sdk/server/mcp.js'))});
    const { StreamableHTTPServerTransport } = require(${JSON.stringify(require.resolve('@modelcontextprotocol/sdk/server/streamableHttp.js'))});
    const server = new McpServer({ name: 'hello', version: '1.0.0' });
    server.registerTool('greet', {}, () => ({ content: [] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => require('node:crypto').randomUUID() });
    server.connect(transport).then(() => require('node:http').createServer((request, answer) => transport.handleRequest(request, answer))
      .listen(process.env.PORT, process.env.HOST));`;
  const developing = await startDev(['--', process.execPath, '-e', server]);
  const { code, stderr } = await run(['call', '--url', `${developing.origin}/mcp`, 'greeet']);
  expect(code).toBe(1);
  expect(stderr).not.toContain('the server answered with an error');
  expect(stderr).toMatch(/^warning +the server lists no tool `greeet`\. There is: greet$/m);
});

test('ends on Ctrl-C with 130, and leaves nothing behind', async () => {
  const developing = await startDev(['--app', one]);
  expect(developing.serversLeft()).not.toEqual([]);
  developing.signal('SIGINT');
  expect(await developing.finished).toMatchObject({ code: 130, stderr: 'ended by Ctrl-C\n' });
  expect(developing.serversLeft()).toEqual([]);
  expect(developing.filesLeft()).toEqual([]);
});

test('runs any server by its command', async () => {
  const server = path.join(one, assetOf(one), 'index.js');
  const developing = await startDev(['--env', 'GREETING=x', '--', process.execPath, server]);
  expect((await run(['call', '--url', `${developing.origin}/mcp`, 'greet', '{"name":"Zoe"}'])).stdout).toBe(
    'hello Zoe, call 1\n',
  );
});

test('lets the platform make the ids of sessions, and answers each request without a session by a session of its own', async () => {
  const server = `require('node:http').createServer(({ headers }, answer) => {
    console.log('id in the request:', headers['mcp-session-id']);
    answer.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":{}}');
  }).listen(process.env.PORT, process.env.HOST)`;
  const developing = await startDev([
    '--session-ids',
    'platform',
    '--requests-without-session',
    'new-session',
    '--',
    process.execPath,
    '-e',
    server,
  ]);
  const send = (method: string) =>
    fetch(`${developing.origin}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} }),
    });
  const id = (await send('initialize')).headers.get('mcp-session-id');
  expect(id).toMatch(/^[0-9a-f]{8}-/);
  await developing.until(`id in the request: ${id}`);
  await send('tools/list');
  await developing.until('id in the request: undefined');
  await developing.until('session ended: request-ended');
});

function assetOf(assembly: string): string {
  const [asset = ''] = readdirSync(assembly).filter(name => name.startsWith('asset.'));
  return asset;
}

test('refuses a port that is in use', async () => {
  const developing = await startDev(['--app', one]);
  const port = new URL(developing.origin).port;
  const { code, stderr } = await run(['dev', '--app', one, '--port', port]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `error: \`--port\` ${port} is in use by another program: end that one, or choose another port (0: a free one)`,
  );
});

test('says when the command of a server does not exist', async () => {
  const { code, stderr } = await run(['dev', '--port', '0', '--', 'no-such-program-here']);
  expect(code).toBe(1);
  expect(stderr).toContain('no-such-program-here');
  expect(stderr).not.toContain('    at ');
});

describe('call', () => {
  test('keeps the result on stdout and the conversation on stderr', async () => {
    const { origin } = await startDev(['--app', one]);
    const { code, stdout, stderr } = await run(['call', '--url', `${origin}/mcp`, 'think']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\[scripted answer, no model was asked\].*\n$/);
    expect(stderr).toMatch(/^sampling +system: You are terse\.$/m);
  });

  test.each([
    ['fail', '{}', /^failed +it failed$/m],
    ['greet', '{}', /^failed +.*name/m],
    ['nothing', '{}', /^failed +.*nothing/m],
  ])('exits with 1 when `%s` fails', async (tool, json, shown) => {
    const { origin } = await startDev(['--app', one]);
    const { code, stdout, stderr } = await run(['call', '--url', `${origin}/mcp`, tool, json]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(shown);
  });

  test('says when the URL cannot be right', async () => {
    const { code, stderr } = await run(['call', '--url', '127.0.0.1/mcp', 'tool']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^error: `--url` must be a URL of http or https, got 127\.0\.0\.1\/mcp: for example/,
      ) as string,
    });
  });

  test('says when there is no server', async () => {
    const developing = await startDev(['--app', one]);
    developing.signal('SIGINT');
    await developing.finished;
    const { code, stderr } = await run(['call', '--url', `${developing.origin}/mcp`, 'tool']);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: nothing listens at ${new URL(developing.origin).host}: start the server`);
  });
});

describe('a server of protocol 2026-07-28 alone', () => {
  const program = ['--', process.execPath, path.join(__dirname, '..', 'fixtures', 'modern-server.mjs')];

  test.each([
    ['call', (url: string) => ['call', '--url', url, 'tool']],
    ['tools', (url: string) => ['tools', 'list', '--url', url]],
    ['talk', () => ['talk', 'tool', ...program]],
  ])('`%s` says that it speaks no version with sessions', async (_command, args) => {
    const { origin } = await startDev(program);
    const { code, stderr } = await run(args(`${origin}/mcp`));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: .* no protocol version up to 2025-11-25, .*\(ERR_PROTOCOL_VERSION\).*`stateful-mcp check`/m,
    );
    expect(stderr).not.toContain('era:');
  });
});

describe('the command itself', () => {
  test('shows help and version', async () => {
    expect((await run(['--help'])).stdout).toContain('stateful-mcp COMMAND');
    expect((await run(['talk', '--help'])).stdout).toContain('--answers <FILE>');
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('exits with 2 when it does not understand', async () => {
    expect(await run(['tlak'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean `talk`?') as string,
    });
  });
});
