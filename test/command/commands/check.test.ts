import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CheckReport } from 'stateful-mcp-client';
import { closeRuntimes, deploy, KEYS } from '../../client/deployed';
import { closeServers, scriptedServer } from '../../client/servers';
import { served } from '../../client/check/checked-servers';
import { removeTemporaryFolders, synthesizedAssembly, temporaryFolder } from '../assembly';
import { endCommands, run } from '../run-command';

afterEach(endCommands);
afterEach(closeRuntimes);
afterEach(closeServers);
afterAll(removeTemporaryFolders);

const KIT = path.join(__dirname, '../../client/fixtures/kit-server.mjs');

function written(value: unknown): string {
  const file = path.join(temporaryFolder(), 'check.json');
  writeFileSync(file, JSON.stringify(value));
  return file;
}

const CHECK = { tools: ['count'], conversations: [{ tool: 'count', result: { text: '1' } }] };

test('a program is started, checked and ended; the report is for people', async () => {
  const { code, stdout, stderr } = await run(['check', '--check', written(CHECK), '--', process.execPath, KIT]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^url +http:\/\/127\.0\.0\.1:\d+\/runtimes\//m);
  expect(stdout).toMatch(/^✓ conversation count \(legacy\) +\d+ ms$/m);
  expect(stdout).toMatch(/^first call \d+ ms, warm call \d+ ms\npass \(8 pass\) in /m);
});

test('a server that fails is told of as JSON and in words, with what was expected and what came', async () => {
  const url = await served('sends no progress');
  const check = written({ conversations: [{ tool: 'report', result: { text: '4' } }], tools: ['remove'] });
  const shown = await run(['check', '--check', check, '--url', url]);
  expect(shown.code).toBe(1);
  expect(shown.stdout).toContain(
    '✗ tools (legacy)\n    expected  tools with `remove`\n    got       `add`, `report`\n',
  );
  expect(shown.stdout).toMatch(/^fail \(\d+ pass, 2 fail\) in /m);

  const json = await run(['check', '--check', check, '--url', url, '--json', '--transcript']);
  const report = JSON.parse(json.stdout) as CheckReport;
  expect({ code: json.code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'fail' });
  expect(json.stderr).toMatch(/→ tools\/call report/);
});

test('what would break clients of another server fails, by its URL or an earlier report', async () => {
  const [before, after] = [await served(), await served('lacks a tool')];
  const check = written({ sessions: false });
  const { stdout } = await run(['check', '--check', check, '--url', before, '--json']);
  const report = written(JSON.parse(stdout));
  for (const known of [before, report]) {
    const compared = await run(['check', '--check', check, '--url', after, '--compare-with', known]);
    expect(compared.code).toBe(1);
    expect(compared.stdout).toContain('got       tool:report was removed');
  }
});

test('an ARN is checked by the standard credentials; what cannot be judged has a code of its own', async () => {
  const { arn, origin, runtime } = await deploy({ command: [process.execPath, KIT] });
  const env = {
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: origin,
  };
  const args = ['check', '--check', written(CHECK), '--arn', arn];
  expect(await run(args, { env })).toMatchObject({ code: 0 });
  runtime.faults.throttle({ times: 100 });
  const throttled = await run(args, { env });
  expect(throttled.code).toBe(3);
  expect(throttled.stdout).toMatch(/^inconclusive \(1 inconclusive\)/m);
});

test.each<[string[], string]>([
  [['check', '--url', 'http://127.0.0.1:1'], '`check` needs `--check FILE` for a server that is not of an app'],
  [['check', '--', 'node'], '`check` needs `--check FILE` for a server that is not of an app'],
  [['check', 'server.py'], '`check` takes no argument `server.py`'],
  [['check', '--check', 'nowhere.json', '--url', 'http://127.0.0.1:1'], '`--check` nowhere.json cannot be read'],
  [
    ['check', '--check', 'x', '--url', 'http://127.0.0.1:1', '--', 'node'],
    'a command after `--` is for a server that `check` starts',
  ],
  [['check', '--check', 'x', '--app', 'y', '--', 'node'], '`--app` and a command after `--` exclude each other'],
])('%j is refused', async (args, text) => {
  const { code, stderr } = await run(args);
  expect(code).toBe(2);
  expect(stderr).toContain(text);
});

test('without a file, an app whose runtime has no verified release is refused', async () => {
  const { code, stderr } = await run(['check', '--app', synthesizedAssembly('everything')]);
  expect(code).toBe(2);
  expect(stderr).toContain('the runtime has no verified release that says what to check: pass `--check FILE`');
});

test('a check that is none is refused, and says where', async () => {
  const { url } = await scriptedServer(() => 'hang');
  const { code, stderr } = await run(['check', '--check', written({ tool: 'x' }), '--url', url]);
  expect(code).toBe(2);
  expect(stderr).toContain('`tool` is no member of a check');
});
