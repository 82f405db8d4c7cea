import path from 'node:path';
import { Duration, SecretValue } from 'aws-cdk-lib';
import { type CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, StatefulMcpServer, type StatefulMcpServerProps } from '../../../../lib';
import { project, removeProjects } from '../../fixtures/projects';
import { errorOf, greetingServer, unbundledStack } from '../../fixtures/stacks';

afterEach(removeProjects);

const KEY = 'STATEFUL_MCP_REQUEST_STATE_KEY';
const GOOD_KEY = Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64');

function refusal(props: Partial<StatefulMcpServerProps>): string {
  return errorOf(() => greetingServer(unbundledStack(), props));
}

function kitServer(environment: Record<string, string>): StatefulMcpServer {
  const entry = path.join(project({ 'server.ts': "import 'stateful-mcp-server';" }), 'server.ts');
  return greetingServer(unbundledStack(), { code: McpServerCode.fromTypeScript(entry), environment });
}

test.each([
  ['PORT', '3000'],
  ['PORT', ''],
  ['HOST', '127.0.0.1'],
  ['HOST', 'localhost'],
])('%s=%s of a server with the kit is refused, as nobody would find it', (name, value) => {
  expect(errorOf(() => kitServer({ [name]: value }))).toContain(`\`environment\` sets ${name} to "${value}"`);
});

test('PORT and HOST of the contract are taken, and those of other servers are their own affair', () => {
  expect(() => kitServer({ PORT: '8000', HOST: '0.0.0.0' })).not.toThrow();
  expect(() => greetingServer(unbundledStack(), { environment: { PORT: '3000' } })).not.toThrow();
});

test.each(['', 'mine', 'not base64!', 'c2hvcnQ=', 'A'.repeat(64), `${GOOD_KEY},`])(
  'the key %j is refused, and not shown',
  key => {
    const requestStateKey = SecretValue.unsafePlainText(key);
    for (const message of [refusal({ requestStateKey }), refusal({ environment: { [KEY]: key } })]) {
      expect(message).toMatch(/is no key|can be guessed/);
    }
  },
);

test('two keys are taken, and one that the deployment resolves', () => {
  for (const key of [GOOD_KEY, `${GOOD_KEY}, ${GOOD_KEY}`, '{{resolve:secretsmanager:key}}']) {
    expect(() => greetingServer(unbundledStack(), { environment: { [KEY]: key } })).not.toThrow();
  }
});

test.each<[string, Partial<StatefulMcpServerProps>]>([
  ['idleTimeout', { idleTimeout: Duration.minutes(5), environment: { STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '300' } }],
  ['maxLifetime', { maxLifetime: Duration.hours(1), environment: { STATEFUL_MCP_MAX_LIFETIME_SECONDS: '3600' } }],
  ['requestStateKey', { requestStateKey: SecretValue.secretsManager('key'), environment: { [KEY]: GOOD_KEY } }],
])('`%s` and its variable are not both taken', (prop, props) => {
  expect(refusal(props)).toMatch(new RegExp(`\`${prop}\` is given, and \`environment\` sets`));
});

test('one name twice in a stack is refused, and taken in two', () => {
  const stack = unbundledStack();
  const code = McpServerCode.fromImageUri('public.ecr.aws/team/server:v1');
  new StatefulMcpServer(stack, 'One', { code, runtimeName: 'greetings' });
  expect(errorOf(() => new StatefulMcpServer(stack, 'Two', { code, runtimeName: 'greetings' }))).toContain(
    '`runtimeName` is "greetings", and so is that of Stack/One',
  );
  expect(() => new StatefulMcpServer(unbundledStack(), 'Two', { code, runtimeName: 'greetings' })).not.toThrow();
});

test('platform version V2 allows a smaller environment', () => {
  const problemsWith = (bytes: number, platform: string): string[] => {
    const server = greetingServer(unbundledStack(), { environment: { A: 'x'.repeat(bytes) } });
    (server.node.defaultChild as CfnRuntime).addPropertyOverride('PlatformVersion', platform);
    return server.node.validate();
  };
  expect(problemsWith(1400, 'V2')).toEqual([]);
  expect(problemsWith(1500, 'V1')).toEqual([]);
  expect(problemsWith(1500, 'V2')).toEqual([
    expect.stringContaining('on platform version V2, 1536 are allowed with a zip file'),
  ]);
});
