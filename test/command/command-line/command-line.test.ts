import path from 'node:path';
import { buildSync } from 'esbuild';
import { CommandError } from '../../../command/src/common/command-error';
import { parseCommandLine } from '../../../command/src/command-line/command-line';

async function problem(...words: string[]): Promise<string> {
  try {
    await parseCommandLine(words);
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 2) {
      return error.message;
    }
    throw error;
  }
  throw new Error(`accepted ${words.join(' ')}`);
}

const DEV = {
  command: 'dev',
  auth: 'platform-urls',
  isolation: 'none',
  watch: true,
  watched: [],
  environment: {},
  context: {},
  definition: {},
  settings: {},
  json: false,
};

const ARN = 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1b2c3d4e5';

const CALL = {
  command: 'call',
  target: { address: 'http://h/mcp', auth: { by: 'default' } },
  tool: 'tool',
  args: {},
  yes: false,
  sampling: { by: 'scripted' },
  json: false,
};

test.each([
  [['dev'], { ...DEV }],
  [['dev', '--app', 'npx tsx app.ts', '--port', '9000'], { ...DEV, app: 'npx tsx app.ts', port: 9000 }],
  [['dev', '--image', 'team/server:v1'], { ...DEV, image: 'team/server:v1' }],
  [['dev', '-e', 'A=1', '--env', 'B=x=y'], { ...DEV, environment: { A: '1', B: 'x=y' } }],
  [['dev', '-c', 'a:b=1', '--context', '@x/y=p=q'], { ...DEV, context: { 'a:b': '1', '@x/y': 'p=q' } }],
  [['dev', '--', 'python', 'server.py', '--port', '1'], { ...DEV, program: ['python', 'server.py', '--port', '1'] }],
  [['dev', '--auth', 'off', '--watch', 'a', '--watch=b'], { ...DEV, auth: 'off', watched: ['a', 'b'] }],
  [
    ['dev', '--idle-timeout', '60', '--max-lifetime=0.5', '--protocol', 'http', '--', 'x'],
    { ...DEV, definition: { idleTimeoutSeconds: 60, maxLifetimeSeconds: 0.5, protocol: 'HTTP' }, program: ['x'] },
  ],
  [
    ['dev', '--setting', 'serverErrors=map', '--setting', 'affinity=runtime-session-id', '--ping', '30'],
    { ...DEV, settings: { serverErrors: 'map', affinity: 'runtime-session-id' }, pingIntervalSeconds: 30 },
  ],
  [
    ['dev', '--session-ids', 'platform', '--requests-without-session=new-session'],
    { ...DEV, sessionIds: 'platform', requestsWithoutSession: 'new-session' },
  ],
  [['dev', '--no-watch', '--isolation', 'bubblewrap'], { ...DEV, watch: false, isolation: 'bubblewrap' }],
  [
    ['talk', 'a', '--yes', 'b', '--answers=x.json'],
    {
      command: 'talk',
      tools: ['a', 'b'],
      yes: true,
      answers: 'x.json',
      sampling: { by: 'scripted' },
      environment: {},
      json: false,
      context: {},
    },
  ],
  [
    ['talk', '--sampling', 'bedrock:amazon.nova-lite-v1:0', '--runtime', 'r', '--port', '0'],
    {
      command: 'talk',
      tools: [],
      yes: false,
      sampling: { by: 'bedrock', modelId: 'amazon.nova-lite-v1:0' },
      runtime: 'r',
      port: 0,
      environment: {},
      json: false,
      context: {},
    },
  ],
  [['call', '--url', 'http://h/mcp', 'tool', '{"a":1}'], { ...CALL, args: { a: 1 } }],
  [['call', '--url', 'http://h/mcp', 'tool'], CALL],
  [
    ['call', '--arn', ARN, '--qualifier', 'live', 'tool'],
    { ...CALL, target: { address: ARN, qualifier: 'live', auth: { by: 'default' } } },
  ],
  [
    ['call', '--arn', ARN, '--profile', 'work', '--region=eu-west-1', 'tool'],
    { ...CALL, target: { address: ARN, auth: { by: 'sigv4', profile: 'work', region: 'eu-west-1' } } },
  ],
  [
    ['call', '--target', 'stack:S/O', '--region', 'eu-west-1', 'tool'],
    { ...CALL, target: { address: 'stack:S/O', region: 'eu-west-1', auth: { by: 'default' } } },
  ],
  [
    ['call', '--url', 'http://h/mcp', '--bearer', '-', 'tool'],
    { ...CALL, target: { address: 'http://h/mcp', auth: { by: 'bearer', from: 'stdin' } } },
  ],
  [
    ['call', '--url', 'http://h/mcp', '--bearer', 'TOKEN', 'tool'],
    { ...CALL, target: { address: 'http://h/mcp', auth: { by: 'bearer', from: { variable: 'TOKEN' } } } },
  ],
  [
    [
      'call',
      '--url=http://h/mcp',
      '--oauth',
      '--client-id=desk',
      '--scope',
      'a',
      '--scope',
      'b',
      '--no-browser',
      'tool',
    ],
    {
      ...CALL,
      target: {
        address: 'http://h/mcp',
        auth: { by: 'oauth', clientId: 'desk', scopes: ['a', 'b'], browser: false },
      },
    },
  ],
  [
    ['call', '--url', 'http://h/mcp', '--client-credentials', '--client-id', 'agent', 'tool'],
    {
      ...CALL,
      target: {
        address: 'http://h/mcp',
        auth: {
          by: 'client-credentials',
          clientId: 'agent',
          clientSecret: { variable: 'MCP_CLIENT_SECRET' },
          scopes: [],
        },
      },
    },
  ],
  [
    ['talk', 'a', '--port', '0', '--', 'node', 'server.js', '--yes'],
    {
      command: 'talk',
      tools: ['a'],
      program: ['node', 'server.js', '--yes'],
      yes: false,
      sampling: { by: 'scripted' },
      port: 0,
      environment: {},
      json: false,
      context: {},
    },
  ],
  [
    ['talk', 'a', '--arn', ARN],
    {
      command: 'talk',
      tools: ['a'],
      target: { address: ARN, auth: { by: 'default' } },
      yes: false,
      sampling: { by: 'scripted' },
      environment: {},
      json: false,
      context: {},
    },
  ],
])('reads %j', async (words, invocation) => {
  expect(await parseCommandLine(words)).toEqual(invocation);
});

test.each([
  [[], 'Usage: stateful-mcp COMMAND'],
  [['--help'], 'Usage: stateful-mcp COMMAND'],
  [['help'], 'Usage: stateful-mcp COMMAND'],
  [['help', 'talk'], 'Usage: stateful-mcp talk [TOOL…]'],
  [['talk', '--help'], '--answers <FILE>'],
  [['dev', '-h'], 'After `--` stands the command of any MCP server'],
  [['call', '--help'], "JSON is the object of the tool's arguments."],
  [['--version'], '0.1.0'],
  [['-v'], '0.1.0'],
])('shows what %j asks for', async (words, text) => {
  expect(await parseCommandLine(words)).toEqual({ command: 'print', text: expect.stringContaining(text) as string });
});

test('loads nothing for its help that a command needs', () => {
  const program = path.resolve(__dirname, '../../../command/dist/stateful-mcp.mjs');
  const { inputs } = buildSync({
    entryPoints: [program],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    absWorkingDir: path.dirname(program),
  }).metafile;
  const loaded = new Set<string>();
  const load = (file: string): void => {
    for (const { path: from, kind, external } of inputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && !loaded.has(from)) {
        loaded.add(from);
        if (external !== true) {
          load(from);
        }
      }
    }
  };
  load(path.basename(program));
  const parts = [...loaded].filter(name => inputs[name] !== undefined);
  expect([...loaded].filter(name => !parts.includes(name) && !name.startsWith('node:'))).toEqual([]);
  expect(parts.reduce((bytes, part) => bytes + (inputs[part]?.bytes ?? 0), 0)).toBeLessThan(130_000);
});

test.each([
  [['dev', '--auth', 'on'], '`--auth` is `on`: pass one of all, platform-urls, off'],
  [['dev', '--isolation', 'docker'], '`--isolation` is `docker`: pass one of none, bubblewrap'],
  [['dev', '--watch', 'a', '--no-watch'], '`--watch` and `--no-watch` exclude each other'],
  [['dev', '--image', 'a', '--watch', 'b'], '`--watch` and `--image`, which has no source, exclude each other'],
  [
    ['dev', '--idle-timeout', '60'],
    '`--idle-timeout` is for `--image` and a command after `--`: for a CDK app its template says it',
  ],
  [['dev', '--app', 'x', '--protocol', 'mcp'], '`--protocol` is for `--image` and a command after `--`'],
  [['dev', '--max-lifetime', '0', '--', 'x'], '`--max-lifetime` is `0`: pass a number of seconds above 0'],
  [['dev', '--ping', 'often'], '`--ping` is `often`: pass a number of seconds above 0'],
  [['dev', '--session-ids', 'client'], '`--session-ids` is `client`: pass one of server, platform'],
  [
    ['dev', '--requests-without-session', 'refuse'],
    '`--requests-without-session` is `refuse`: pass one of shared, new-session',
  ],
  [['dev', '--protocol', 'a2a', '--', 'x'], '`--protocol` is `a2a`: pass one of mcp, http'],
  [
    ['dev', '--setting', 'colour=red'],
    '`--setting` is `colour=red`: pass NAME=VALUE with one of the names sessionTransitions, serverErrors',
  ],
  [
    ['dev', '--setting', 'serverErrors=hide'],
    '`--setting serverErrors` is `hide`: pass one of pass-4xx, pass-404, pass, map',
  ],
  [['tlak'], 'there is no command `tlak`: did you mean `talk`?'],
  [['xyz'], 'there is no command `xyz`\n\nCommands: dev, talk, chat, call'],
  [['--verison'], 'there is no flag `--verison`: did you mean `--version`?'],
  [['talk', '--anwsers', 'x'], '`talk` has no flag `--anwsers`: did you mean `--answers`?'],
  [['dev', '--yes'], '`dev` has no flag `--yes`\n\nUsage: stateful-mcp dev'],
  [['talk', '-x'], '`talk` has no flag `-x`'],
  [['talk', '--yes=no'], '`--yes` takes no value, got `no`'],
  [['talk', '--port'], '`--port` needs a value: `--port N`'],
  [['talk', '--app', '--yes'], '`--app` needs a value: `--app APP`'],
  [['talk', '--port', 'high'], '`--port` is `high`: pass a number from 0 (a free port) to 65535'],
  [['talk', '--port', '65536'], '`--port` is `65536`'],
  [['talk', '--port=-1'], '`--port` is `-1`'],
  [['talk', '--sampling', 'gpt'], '`--sampling` is `gpt`: pass `scripted`, `editor` or `bedrock:MODEL_ID`'],
  [['talk', '--sampling', 'bedrock:'], '`--sampling` is `bedrock:`'],
  [['dev', '--env', 'novalue'], '`--env` is `novalue`: pass NAME=VALUE'],
  [
    ['dev', 'python', 'server.py'],
    '`dev` takes no argument `python`: put the command of a server after `--`: stateful-mcp dev -- python server.py',
  ],
  [['dev', '--'], 'there is no command after `--`'],
  [['dev', '--app', 'x', '--', 'y'], '`--app` and a command after `--` exclude each other'],
  [['dev', '-c', 'a=1', '--', 'y'], '`--context` is for a CDK app'],
  [['dev', '--context', 'a'], '`--context` is `a`: pass KEY=VALUE'],
  [['dev', '--image', 'x', '--', 'y'], '`--image` and a command after `--` exclude each other'],
  [['dev', '--image', 'x', '--app', 'y'], '`--app` and `--image` exclude each other'],
  [['call', 'tool'], '`call` needs `--url URL`'],
  [['call', '--url', 'foo', 'tool'], '`--url` must be a URL of http or https, got foo'],
  [['call', '--url', 'ftp://h/mcp', 'tool'], '`--url` must be a URL of http or https, got ftp://h/mcp'],
  [['call', '--url', 'http://h/mcp'], '`call` needs the name of a tool'],
  [['call', '--url', 'http://h/mcp', 'tool', '{a:1}'], 'the arguments of the tool are not JSON, got `{a:1}`'],
  [['call', '--url', 'http://h/mcp', 'tool', '[1]'], 'the arguments of the tool must be a JSON object, got `[1]`'],
  [
    ['call', '--url', 'http://h/mcp', 'tool', '{}', 'more'],
    '`call` takes a tool and one JSON object, got `more` as well',
  ],
  [['call', '--url', 'http://h/mcp', '--arn', ARN, 't'], '`--url` and `--arn` exclude each other: name one server'],
  [['call', '--arn', 'expenses', 't'], '`--arn` is `expenses`: pass the ARN of a runtime'],
  [
    ['call', '--target', 'expenses', 't'],
    '`--target` is `expenses`: pass a URL, the ARN of a runtime, or stack:STACK/OUTPUT',
  ],
  [['call', '--url', 'http://h/mcp', '--qualifier', 'live', 't'], '`--qualifier` goes with an ARN'],
  [['call', '--arn', ARN, '--oauth', '--bearer', 'T', 't'], '`--bearer` and `--oauth` exclude each other'],
  [['call', '--arn', ARN, '--oauth', '--profile', 'work', 't'], '`--profile` goes with `--sigv4`'],
  [['call', '--arn', ARN, '--oauth', '--region', 'eu-west-1', 't'], '`--region` goes with `--sigv4`'],
  [['call', '--arn', ARN, '--scope', 'a', 't'], '`--scope` goes with `--oauth` or `--client-credentials`'],
  [['call', '--arn', ARN, '--client-credentials', 't'], '`--client-credentials` needs `--client-id ID`'],
  [['talk', '--bearer', 'T'], 'how to sign in is for a server that runs already: name it by `--url`'],
  [['talk', '--qualifier', 'live'], '`--qualifier` is for a server that runs already'],
  [['talk', '--'], 'there is no command after `--`: for example: stateful-mcp talk … -- python server.py'],
  [['talk', '--app', 'x', '--', 'y'], '`--app` and a command after `--` exclude each other'],
  [['talk', '--arn', ARN, '--', 'y'], 'a command after `--` is for a server that `talk` starts'],
  [['talk', '--release', '--', 'y'], '`--release` is for the server of an app, which has the check of a release'],
  [['talk', '--bad-version', '--', 'y'], '`--bad-version` is for the server of an app'],
  [['talk', '--arn', ARN, '--app', 'x'], '`--app` is for a server that `talk` starts'],
  [['talk', '--arn', ARN, '--bad-version'], '`--bad-version` is for a server that `talk` starts'],
  [['talk', '--arn', ARN, '--env', 'A=b'], '`--env` is for a server that `talk` starts'],
])('refuses %j', async (words, message) => {
  const said = await problem(...words);
  expect(said).toContain(message);
  expect(said).toMatch(/More: stateful-mcp (\w+ )?--help$/);
});

test.each([
  ['--bearer', 'eyJhbGciOi.eyJz.c2ln'],
  ['--client-secret', 's3cr3t-of-mine'],
])('refuses a secret after `%s`, and does not repeat it', async (flag, secret) => {
  const said = await problem('call', '--url', 'http://h/mcp', flag, secret, 'tool');
  expect(said).toContain(`\`${flag}\` takes the name of an environment variable, never the secret itself`);
  expect(said).not.toContain(secret);
});
