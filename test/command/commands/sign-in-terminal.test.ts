// A person at a terminal whose standard output goes to a program (`--json`): the page to sign in at and the questions are
// on the terminal, the browser opens, and the document is the only thing on standard output.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { closeProviders, signInByHttp, startProvider } from '../../client/auth/provider';
import { closeRuntimes, deploy } from '../../client/deployed';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { runInTerminal, type TerminalRun } from '../pseudo-terminal';

let terminal: TerminalRun | undefined;

afterEach(() => terminal?.end());
afterEach(closeRuntimes);
afterEach(closeProviders);
afterAll(removeTemporaryFolders);

const CHECK = { tools: ['count'] };

test.each([
  ['call', ['count'], /^\{.*"content":\[\{"type":"text","text":"1"\}\].*\}\n$/],
  ['talk', ['count'], /^\{.*"calls":\[\{.*\}\n$/],
  ['chat', [], /^\{.*"tool":"count".*\}\n$/],
  ['check', ['--check', 'check.json'], /^\{.*"verdict":"pass".*\}\n$/],
])('`%s --json` signs in', async (command, words, document) => {
  const provider = await startProvider();
  const { url } = await deploy(
    {
      customJWTAuthorizer: {
        discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
        advertisedScopeMapping: { 'expenses:read': 'expenses:read' },
      },
    },
    { auth: 'platform-urls', credentials: [] },
  );
  const home = temporaryFolder();
  const [opened, stdout, check] = ['opened', 'stdout', 'check.json'].map(name => path.join(home, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(check, JSON.stringify(CHECK));
  const browser = path.join(home, 'browser');
  writeFileSync(browser, `#!/bin/sh\necho "$1" > '${opened}'\n`);
  chmodSync(browser, 0o755);
  const args = [command, ...words.map(word => word.replace('check.json', check)), '--url', url, '--oauth', '--json'];
  terminal = runInTerminal(args, { HOME: home, TMPDIR: home, BROWSER: browser }, stdout);

  await terminal.until('Sign in to continue: ');
  await terminal.until('/auth?');
  let page = '';
  while (!page.endsWith('\n')) {
    await new Promise(resolve => setTimeout(resolve, 20));
    try {
      page = readFileSync(opened, 'utf8');
    } catch {
      // The browser has not been opened yet.
    }
  }
  await signInByHttp(new URL(page.trim()));
  if (command === 'chat') {
    await terminal.until('> ');
    terminal.type('count\r');
    await terminal.until('1');
    await terminal.until('> ');
    terminal.type('/quit\r');
  }
  expect(await terminal.finished).toBe(0);
  expect(readFileSync(stdout, 'utf8')).toMatch(document);
});
