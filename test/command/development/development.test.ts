import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { startDev } from '../dev-command';
import { endCommands, run } from '../run-command';

const root = path.resolve(__dirname, '../../..');
afterAll(endCommands);
afterAll(removeTemporaryFolders);

/** Answers every request with a word, in a session. */
const SERVER = `
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { word } from './word';
createServer((request, response) => {
  response.setHeader('mcp-session-id', request.headers['mcp-session-id'] ?? randomUUID());
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: word + (process.env.MARK ?? '') }));
}).listen(Number(process.env.PORT), process.env.HOST);
`;

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { McpServerCode, StatefulMcpServer } from '${root}/lib';

const app = new App();
const stack = new Stack(app, 'Words');
new StatefulMcpServer(stack, 'Server', { runtimeName: 'words', code: McpServerCode.fromTypeScript('server/main.ts'), environment: {} });
app.synth();
`;

class Project {
  public readonly folder = temporaryFolder();

  public constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) {
      this.write(name, text);
    }
  }

  public write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text);
  }

  public change(name: string, from: string, to: string): void {
    this.write(name, readFileSync(path.join(this.folder, name), 'utf8').replace(from, to));
  }
}

async function ask(
  origin: string,
  sessionId?: string,
  target = '/mcp',
): Promise<{ status: number; word?: string; sessionId: string }> {
  const response = await fetch(origin + target, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(sessionId && { 'mcp-session-id': sessionId }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: sessionId ? 'tools/list' : 'initialize', params: {} }),
  });
  const { result } = (await response.json()) as { result?: string };
  return { status: response.status, word: result, sessionId: response.headers.get('mcp-session-id') ?? '' };
}

test('publishes a version for each change of a source, and keeps the one before when it cannot', async () => {
  const project = new Project({
    'package.json': '{ "name": "words" }',
    'cdk.json': '{ "app": "node --import tsx app.ts" }',
    'app.ts': APP,
  });
  symlinkSync(path.join(root, 'node_modules'), path.join(project.folder, 'node_modules'));
  const server = new Project({
    'package.json': '{ "name": "server" }',
    'main.ts': SERVER,
    'word.ts': 'export const word: string = "first";',
  });
  symlinkSync(server.folder, path.join(project.folder, 'server'));
  const developing = await startDev([], project.folder);
  const first = await ask(developing.origin);
  expect(first.word).toBe('first');

  server.change('word.ts', 'first', 'second');
  await developing.until('[words] version 2 for new sessions');
  expect(developing.output()).toMatch(
    /^\[words\] version 2 for new sessions \(.*word\.ts changed, \d+ ms\); 1 live session keeps the one before$/m,
  );
  expect((await ask(developing.origin)).word).toBe('second');
  expect((await ask(developing.origin, first.sessionId)).word).toBe('first');

  server.change('word.ts', '"second"', '"sec');
  await developing.until('the version before stays');
  expect(developing.output()).toMatch(/\[ERROR\] Unterminated string literal\n\n +word\.ts:1:\d+:\n/);
  expect((await ask(developing.origin)).word).toBe('second');

  server.write(
    'word.ts',
    'export const word: string = "third"; if (!process.env.MARK) throw new Error("MARK is missing");',
  );
  await developing.until('ended with exit code 1');
  expect(developing.output()).toContain('Error: MARK is missing');
  expect((await ask(developing.origin)).word).toBe('second');

  project.change('app.ts', 'environment: {}', 'environment: { MARK: "!" }');
  await developing.until('(app.ts changed');
  expect((await ask(developing.origin)).word).toBe('third!');

  project.change('app.ts', 'app.synth();', 'app.synth(');
  await developing.until('the CDK app failed');
  expect((await ask(developing.origin)).word).toBe('third!');

  developing.signal('SIGINT');
  expect((await developing.finished).code).toBe(130);
  // tsx and the CDK keep files of their own.
  expect(developing.filesLeft().filter(file => file.startsWith('stateful-mcp'))).toEqual([]);
});

test('starts a program anew for what --watch names, or watches nothing', async () => {
  const project = new Project({
    'word.mjs': 'export const word = "first";',
    'server.mjs': SERVER.replace('./word', './word.mjs'),
  });
  const developing = await startDev(['--watch', 'word.mjs', '--', process.execPath, 'server.mjs'], project.folder);
  const first = await ask(developing.origin);
  project.change('word.mjs', 'first', 'second');
  await developing.until('version 2 for new sessions (word.mjs changed');
  expect((await ask(developing.origin)).word).toBe('second');
  expect((await ask(developing.origin, first.sessionId)).word).toBe('first');

  const unwatched = await startDev(['--', process.execPath, 'server.mjs'], project.folder);
  expect(unwatched.output()).not.toContain('makes a new version');
  expect(
    await run(['dev', '--watch', 'nowhere', '--', process.execPath, 'server.mjs'], { cwd: project.folder }),
  ).toMatchObject({
    code: 2,
    stderr: `error: \`--watch\` names ${path.join(project.folder, 'nowhere')}, which does not exist\n`,
  });
});

test('runs a server of the HTTP protocol with a lifecycle of its own', async () => {
  const project = new Project({
    'word.mjs': 'export const word = "first";',
    'server.mjs': SERVER.replace('./word', './word.mjs'),
  });
  const started = await startDev(
    ['--protocol', 'http', '--idle-timeout', '120', '--max-lifetime', '3600', '--', process.execPath, 'server.mjs'],
    project.folder,
  );
  expect(started.output()).toContain('(idle timeout 2 min, max lifetime 1 h)');
  expect(started.output()).toContain(`${started.origin}/invocations\n`);
  expect((await ask(started.origin, undefined, '/invocations')).word).toBe('first');
});

test('asks callers of the URLs of the platform for a signature, unless nobody is to be asked', async () => {
  const project = new Project({
    'word.mjs': 'export const word = "first";',
    'server.mjs': SERVER.replace('./word', './word.mjs'),
  });
  const asking = await startDev(['--', process.execPath, 'server.mjs'], project.folder);
  const [target = ''] = /\/runtimes\/\S+DEFAULT/.exec(asking.output()) ?? [];
  expect(asking.output()).toMatch(/^ {2}AWS_ACCESS_KEY_ID=\w+ AWS_SECRET_ACCESS_KEY=\S+$/m);
  expect((await ask(asking.origin, undefined, target)).status).toBe(403);
  await asking.until('refused initialize: AccessDeniedException, Missing Authentication Token');
  const { code, stderr } = await run(['call', '--url', asking.origin + target, 'tool']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: this URL of the local runtime wants a signature \(SigV4\).* ends in \/mcp/,
    ) as string,
  });
  expect((await ask(asking.origin)).status).toBe(200);
  const open = await startDev(['--auth', 'off', '--', process.execPath, 'server.mjs'], project.folder);
  expect(open.output()).not.toContain('AWS_ACCESS_KEY_ID');
  expect((await ask(open.origin, undefined, target)).status).toBe(200);
});
