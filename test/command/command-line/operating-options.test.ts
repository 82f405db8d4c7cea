// The command lines of what looks at servers and operates them.
import { CommandError } from '../../../command/src/common/command-error';
import { parseCommandLine } from '../../../command/src/command-line/command-line';

const URL = 'http://h/mcp';
const ARN = 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1b2c3d4e5';
const DEFAULT = { by: 'default' };
const SIGNED = { by: 'sigv4' };
const CHAT = { command: 'chat', yes: false, sampling: { by: 'scripted' }, environment: {}, context: {}, json: false };
const LOGS = { command: 'logs', source: 'server', sinceMs: 600_000, follow: true, json: false };
const COST = { command: 'cost', sessions: 1000, minutes: 5, cpuSeconds: 5, memoryMegabytes: 256, json: false };

test.each([
  [['tools', '--url', URL], { command: 'tools', wanted: { verb: 'list' }, json: false }],
  [
    ['tools', 'describe', 'a', '--url', URL, '--json', '--session', 's'],
    { command: 'tools', wanted: { verb: 'describe', name: 'a' }, session: 's', json: true },
  ],
  [
    ['prompts', 'get', 'a', '{"x":"1"}', '--url', URL],
    { command: 'prompts', wanted: { verb: 'get', name: 'a', args: { x: '1' } }, json: false },
  ],
  [
    ['resources', 'get', 'a://b', '--url', URL],
    { command: 'resources', wanted: { verb: 'get', name: 'a://b', args: {} }, json: false },
  ],
])('reads %j', async (words, invocation) => {
  expect(await parseCommandLine(words)).toEqual({ target: { address: URL, auth: DEFAULT }, ...invocation });
});

test.each([
  [['chat'], CHAT],
  [
    ['chat', '--max-tokens', '50', '--', 'python', 's.py', '--x'],
    { ...CHAT, maxTokens: 50, program: ['python', 's.py', '--x'] },
  ],
  [
    ['chat', '--arn', ARN, '--session', 'desk', '--json'],
    { ...CHAT, target: { address: ARN, auth: DEFAULT }, session: 'desk', json: true },
  ],
  [['sessions', '--json'], { command: 'sessions', json: true }],
  [['stop', 'desk'], { command: 'stop', which: { by: 'name', name: 'desk' }, auth: DEFAULT, json: false }],
  [
    ['stop', '--id', 'abc', '--arn', ARN],
    {
      command: 'stop',
      which: { by: 'id', id: 'abc' },
      target: { address: ARN, auth: DEFAULT },
      auth: DEFAULT,
      json: false,
    },
  ],
  [
    ['stop', '--all', '--profile', 'p'],
    { command: 'stop', which: { by: 'all' }, auth: { by: 'sigv4', profile: 'p' }, json: false },
  ],
  [['logs'], LOGS],
  [
    ['logs', '--arn', ARN, '--source', 'usage', '--since', '2h', '--filter', 'x', '--no-follow'],
    {
      ...LOGS,
      target: { address: ARN, auth: SIGNED },
      source: 'usage',
      sinceMs: 7_200_000,
      filter: 'x',
      follow: false,
    },
  ],
  [['doctor'], { command: 'doctor', json: false }],
  [['doctor', '--profile', 'p'], { command: 'doctor', profile: 'p', json: false }],
  [
    ['doctor', '--target', 'stack:S/O', '--region', 'eu-west-1', '--profile', 'p'],
    {
      command: 'doctor',
      target: { address: 'stack:S/O', region: 'eu-west-1', auth: { by: 'sigv4', profile: 'p' } },
      profile: 'p',
      json: false,
    },
  ],
  [['cost'], COST],
  [
    ['cost', '--sessions', '10', '--minutes', '0.5', '--cpu=2', '--memory', '512', '--idle-timeout', '60'],
    { ...COST, sessions: 10, minutes: 0.5, cpuSeconds: 2, memoryMegabytes: 512, idleTimeoutSeconds: 60 },
  ],
  [['completion', 'fish'], { command: 'completion', shell: 'fish', json: false }],
  [['complete', '--', 'call', ''], { command: 'complete', words: ['call', ''] }],
])('reads %j', async (words, invocation) => {
  expect(await parseCommandLine(words)).toEqual(invocation);
});

test.each([
  [['tools'], '`tools` needs `--url URL`'],
  [['tools', 'get', 'a', '--url', URL], '`tools` cannot `get`: pass one of list, describe'],
  [['prompts', 'describe', '--url', URL], '`prompts describe` needs a name'],
  [['prompts', 'get', 'a', '{"x":1}', '--url', URL], 'must be a JSON object of texts, got `{"x":1}`'],
  [['resources', 'list', 'a', '--url', URL], '`resources list` takes no argument `a`'],
  [['chat', 'a'], '`chat` takes no argument `a`'],
  [['chat', '--url', URL, '--', 'x'], 'a command after `--` is for a server that `chat` starts'],
  [['chat', '--url', URL, '--context', 'a=b'], '`--context` is for a server that `chat` starts'],
  [['chat', '--context', 'a=b', '--', 'x'], '`--context` and a command after `--` exclude each other'],
  [['check', '--check', 'x', '-c', 'a=b', '--', 'y'], '`--context` and a command after `--` exclude each other'],
  [['chat', '--session', 's'], '`--session` is for a server that runs already'],
  [['chat', '--url', URL, '--bearer', '-'], '`--bearer -` reads standard input'],
  [['call', '--url', URL, 't', '--max-tokens', '0'], '`--max-tokens` is `0`: pass a whole number above 0'],
  [['stop'], '`stop` takes one of a NAME, `--all` and `--id SESSION_ID`'],
  [['stop', 'a', '--all'], '`stop` takes one of a NAME'],
  [['stop', '--id', 'a'], '`--id` needs the server of the session'],
  [['logs', '--source', 'usage'], '`--source` is for a deployed runtime'],
  [['logs', '--arn', ARN, '--port', '1'], '`--port` is for a `dev` of this machine'],
  [['logs', '--since', '5'], '`--since` is `5`: pass a time such as 90s'],
  [['logs', '--profile', 'p'], '`--profile` is for a server that runs already'],
  [['doctor', '--qualifier', 'live'], '`--qualifier` is for a server that runs already'],
  [['cost', '--cpu', 'x'], '`--cpu` is `x`: pass a number'],
  [['completion'], '`completion` is for bash, zsh, fish'],
  [['completion', 'csh'], 'got `csh`'],
])('refuses %j', async (words, message) => {
  await expect(parseCommandLine(words)).rejects.toThrow(CommandError);
  await expect(parseCommandLine(words)).rejects.toThrow(message);
});
