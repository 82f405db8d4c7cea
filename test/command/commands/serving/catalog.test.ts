// `tools`, `prompts` and `resources` of a running server, and sessions that several commands share.
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { startDev } from '../../dev-command';
import { endCommands, run, type Finished } from '../../run-command';

const SERVER = require.resolve('../../fixtures/catalog-server.mjs');

afterEach(endCommands);
afterAll(removeTemporaryFolders);

const documentOf = ({ stdout }: Finished): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

interface Served {
  readonly url: string;
  readonly env: Record<string, string>;
  /** Runs a command for the server, in one kept session. */
  readonly at: (...words: string[]) => Promise<Finished>;
}

async function serve(): Promise<Served> {
  const { origin } = await startDev(['--auth', 'off', '--', process.execPath, SERVER]);
  const url = `${origin}/mcp`;
  const env = { HOME: temporaryFolder() };
  return { url, env, at: (...words) => run([...words, '--url', url, '--session', 'desk'], { env }) };
}

test('shows what a server offers, for people and for programs', async () => {
  const { at } = await serve();
  expect(await at('tools')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^count {2}Counts$/m) as string });
  const described = await at('tools', 'describe', 'paint');
  expect(described.stdout).toMatch(/^ {2}colour {2}one of "red", "green"$/m);
  expect(described.stdout).toMatch(/^ {2}coats {2}a whole number, may be left out: How many$/m);
  const missing = await at('tools', 'describe', 'nothing');
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('the server lists no tool `nothing`. There is: count, paint');

  const prompt = documentOf(await at('prompts', 'get', 'greet', '{"name":"Ana"}', '--json'));
  expect(prompt).toMatchObject({ prompt: 'greet', messages: [{ role: 'user', content: { text: 'Hello Ana' } }] });

  expect(documentOf(await at('resources', '--json'))).toMatchObject({
    resources: [{ uri: 'note://1' }, { uri: 'note://2' }],
    templates: [{ uriTemplate: 'note://{id}/text' }],
  });
  expect(await at('resources', 'get', 'note://1')).toMatchObject({ code: 0, stdout: 'a note\n' });
  expect(await at('resources', 'get', 'note://2')).toMatchObject({ code: 0, stdout: 'bytes' });
});

test('a session with a name outlives commands, until it is stopped', async () => {
  const { url, env, at } = await serve();
  const tools = documentOf(await at('tools', '--json'));
  expect(tools).toMatchObject({ server: url, tools: [{ name: 'count' }, { name: 'paint' }] });
  const first = documentOf(await at('call', 'count', '--json'));
  expect(first).toMatchObject({ server: url, session: tools.session, tool: 'count', isError: false, arguments: {} });
  expect(documentOf(await at('call', 'count', '--json'))).toMatchObject({ content: [{ type: 'text', text: '2' }] });
  // One of its own.
  const talked = documentOf(await run(['talk', 'count', '--json', '--url', url], { env }));
  expect(talked).toMatchObject({ server: url, tables: [], calls: [{ tool: 'count', content: [{ text: '1' }] }] });

  expect(documentOf(await run(['sessions', '--json'], { env }))).toEqual({
    sessions: [
      {
        name: 'desk',
        server: url,
        session: tools.session,
        startedAt: expect.any(String) as string,
        lastUsedAt: expect.any(String) as string,
      },
    ],
  });
  expect((await run(['sessions'], { env })).stdout).toContain('asking would start one that has ended');
  expect(documentOf(await run(['stop', 'desk', '--json'], { env }))).toEqual({
    stopped: [{ name: 'desk', server: url, session: tools.session, ended: true }],
  });
  expect(await run(['stop', 'desk'], { env })).toMatchObject({ code: 2 });
  expect(documentOf(await at('call', 'count', '--json'))).toMatchObject({ content: [{ type: 'text', text: '1' }] });
});
