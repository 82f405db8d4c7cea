// `tools`, `prompts` and `resources` of a running server, and sessions that several commands share.
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { startDev } from '../dev-command';
import { endCommands, run, type Finished } from '../run-command';

const SERVER = require.resolve('../fixtures/catalog-server.mjs');

afterEach(endCommands);
afterAll(removeTemporaryFolders);

const documentOf = ({ stdout }: Finished): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

test('shows what a server offers, for people and for programs, in one kept session', async () => {
  const { origin } = await startDev(['--auth', 'off', '--', process.execPath, SERVER]);
  const url = `${origin}/mcp`;
  const env = { HOME: temporaryFolder() };
  const server = (...words: string[]): Promise<Finished> => run([...words, '--url', url, '--session', 'desk'], { env });

  const listed = await server('tools');
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^count {2}Counts$/m) as string });
  const described = await server('tools', 'describe', 'paint');
  expect(described.stdout).toMatch(/^ {2}colour {2}one of "red", "green"$/m);
  expect(described.stdout).toMatch(/^ {2}coats {2}a whole number, may be left out: How many$/m);
  const tools = documentOf(await server('tools', '--json'));
  expect(tools).toMatchObject({ server: url, tools: [{ name: 'count' }, { name: 'paint' }] });

  const missing = await server('tools', 'describe', 'nothing');
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('the server lists no tool `nothing`. There is: count, paint');

  const prompt = documentOf(await server('prompts', 'get', 'greet', '{"name":"Ana"}', '--json'));
  expect(prompt).toMatchObject({ prompt: 'greet', messages: [{ role: 'user', content: { text: 'Hello Ana' } }] });
  expect((await server('prompts', 'describe', 'greet')).stdout).toMatch(/^ {2}name {2}text$/m);

  const resources = documentOf(await server('resources', '--json'));
  expect(resources).toMatchObject({
    resources: [{ uri: 'note://1' }, { uri: 'note://2' }],
    templates: [{ uriTemplate: 'note://{id}/text' }],
  });
  expect(await server('resources', 'get', 'note://1')).toMatchObject({ code: 0, stdout: 'a note\n' });
  expect(await server('resources', 'get', 'note://2')).toMatchObject({ code: 0, stdout: 'bytes' });

  // All of it, and the calls, were in one session; it outlived every process.
  const first = documentOf(await server('call', 'count', '--json'));
  expect(first).toMatchObject({ server: url, session: tools.session, tool: 'count', isError: false, arguments: {} });
  expect(documentOf(await server('call', 'count', '--json'))).toMatchObject({ content: [{ type: 'text', text: '2' }] });

  const kept = await run(['sessions', '--json'], { env });
  expect(JSON.parse(kept.stdout)).toEqual({
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

  const stopped = await run(['stop', 'desk', '--json'], { env });
  expect(documentOf(stopped)).toEqual({
    stopped: [{ name: 'desk', server: url, session: tools.session, ended: true }],
  });
  expect(JSON.parse((await run(['sessions', '--json'], { env })).stdout)).toEqual({ sessions: [] });
  expect(await run(['stop', 'desk'], { env })).toMatchObject({ code: 2 });
  // A new session, since the old one is over.
  expect(documentOf(await server('call', 'count', '--json'))).toMatchObject({ content: [{ type: 'text', text: '1' }] });
});
