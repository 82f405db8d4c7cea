// What is beside the server and its code: each prop and each argument gets a value of each kind that it does not take.
import { Aws, CfnParameter } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Gateway, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import {
  AllowedPort,
  McpAlarms,
  McpAuth,
  McpCanary,
  McpCapacityProvider,
  McpCheck,
  McpCheckAnswer,
  McpCheckReply,
  McpDashboard,
  McpLogging,
  McpPlatformVersion,
  McpRelease,
  McpReleaseCaller,
  McpStorage,
  McpWarmup,
  ReleaseChecker,
  StatefulMcpServer,
  TransactionSearch,
} from '../../../lib';
import { removeProjects } from '../fixtures/projects';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';
import { VALUES, type Given, type ValueName } from './values';

afterEach(removeProjects);

/** What each takes, by its name. */
type Takes = Readonly<Record<string, readonly ValueName[]>>;

const NONE: readonly ValueName[] = [];
const TEXT: readonly ValueName[] = ['text', 'removal policy'];
const TEXTS: readonly ValueName[] = ['list'];
const FLAG: readonly ValueName[] = ['flag'];
const NUMBER: readonly ValueName[] = ['number'];
const DURATION: readonly ValueName[] = ['duration'];
const OBJECT: readonly ValueName[] = ['object', 'map of numbers'];

const checked = (check: McpCheck): unknown =>
  greetingServer(unbundledStack(), { release: McpRelease.verified({ check }) });
const inConversation = (members: object): unknown =>
  checked(McpCheck.of({ conversations: [{ tool: 'greet', ...members }] }));
const ISSUER = { discoveryUrl: 'https://a.b/.well-known/openid-configuration', allowedClients: ['client'] };

const FACTORIES: Readonly<Record<string, readonly [Takes, (given: Given) => unknown]>> = {
  McpDashboard: [
    { servers: NONE, dashboardName: TEXT },
    given => {
      const stack = unbundledStack();
      return new McpDashboard(stack, 'X', { servers: [greetingServer(stack)], ...(given as object) });
    },
  ],
  'McpAlarms.standard': [
    { topic: NONE, activeSessions: NUMBER, cpuHours: NUMBER, systemErrors: NUMBER, throttles: NUMBER },
    given => {
      const stack = unbundledStack();
      const alarms = McpAlarms.standard({ topic: new Topic(stack, 'Topic'), ...(given as object) });
      return greetingServer(stack, { alarms });
    },
  ],
  'McpLogging.standard': [
    { applicationLogs: FLAG, usageLogs: FLAG, retention: NONE, removalPolicy: ['removal policy'], encryptionKey: NONE },
    given => greetingServer(unbundledStack(), { logging: McpLogging.standard(given) }),
  ],
  TransactionSearch: [
    { indexingPercentage: NONE, removalPolicy: ['removal policy'] },
    given => new TransactionSearch(unbundledStack(), 'X', given),
  ],
  ReleaseChecker: [
    {
      role: NONE,
      vpc: NONE,
      securityGroups: NONE,
      encryptionKey: NONE,
      logRetention: NONE,
      logGroup: NONE,
      reservedConcurrentExecutions: NUMBER,
      deadLetterQueue: NONE,
    },
    given => new ReleaseChecker(unbundledStack(), 'X', given),
  ],
  'McpRelease.verified': [
    {
      allowedChanges: NONE,
      callers: NONE,
      candidate: FLAG,
      check: NONE,
      checker: NONE,
      endpointName: TEXT,
      onInconclusive: NONE,
      watch: DURATION,
      watchTopic: NONE,
    },
    given => greetingServer(unbundledStack(), { release: McpRelease.verified(given) }),
  ],
  'McpReleaseCaller.clientCredentials': [
    { clientId: TEXT, secret: NONE, audience: TEXT, scopes: TEXTS, secretField: TEXT },
    given =>
      greetingServer(unbundledStack(), {
        auth: McpAuth.jwt(ISSUER),
        release: McpRelease.verified({ callers: [McpReleaseCaller.clientCredentials(given as never)] }),
      }),
  ],
  'McpReleaseCaller.userPoolClient': [
    { userPool: NONE, userPoolClient: NONE, scopes: TEXTS },
    given => {
      const stack = unbundledStack();
      const userPool = new UserPool(stack, 'Pool');
      const options = { userPool, userPoolClient: userPool.addClient('Client'), ...(given as object) };
      return greetingServer(stack, {
        auth: McpAuth.jwt(ISSUER),
        release: McpRelease.verified({ callers: [McpReleaseCaller.userPoolClient(options)] }),
      });
    },
  ],
  'McpCheck.of': [
    {
      eras: NONE,
      sessions: FLAG,
      tools: TEXTS,
      prompts: TEXTS,
      resources: TEXTS,
      conversations: NONE,
      latency: ['map of undefined'],
      parallelFirstCalls: NONE,
      allowedChanges: NONE,
    },
    given => checked(McpCheck.of(given)),
  ],
  'a conversation of a check': [
    {
      name: TEXT,
      tool: TEXT,
      arguments: OBJECT,
      elicitation: NONE,
      sampling: NONE,
      progress: ['map of undefined'],
      result: ['map of undefined'],
      timeout: DURATION,
    },
    inConversation,
  ],
  'the result of a conversation': [
    { isError: FLAG, text: TEXT, matches: TEXT, structuredContent: OBJECT },
    result => inConversation({ result }),
  ],
  'the progress of a conversation': [{ atLeast: NUMBER, atMost: NUMBER }, progress => inConversation({ progress })],
  'the latency of a check': [{ firstCall: DURATION, warmCall: DURATION }, latency => checked(McpCheck.of({ latency }))],
  'McpCheck.fromFile': [{ file: NONE }, ({ file }) => McpCheck.fromFile(file as never)],
  'McpCheckAnswer.accept': [
    { content: OBJECT, question: TEXT },
    ({ content, question }) => inConversation({ elicitation: [McpCheckAnswer.accept(content, question)] }),
  ],
  'McpCheckAnswer.decline': [{ question: TEXT }, ({ question }) => McpCheckAnswer.decline(question)],
  'McpCheckReply.text': [{ text: TEXT }, ({ text }) => McpCheckReply.text(text as never)],
  'McpCheckReply.result': [{ result: OBJECT }, ({ result }) => McpCheckReply.result(result as never)],
  McpCanary: [
    { server: NONE, candidatePercent: NONE, gatewayName: TEXT },
    given => {
      const stack = unbundledStack();
      const server = greetingServer(stack, { release: McpRelease.verified({ candidate: true }) });
      return new McpCanary(stack, 'X', { server, candidatePercent: 10, ...(given as object) });
    },
  ],
  addToGateway: [
    { gatewayTargetName: TEXT, description: TEXT, credentialProvider: NONE, sessionTimeout: DURATION },
    given => {
      const stack = unbundledStack();
      return greetingServer(stack).addToGateway(new Gateway(stack, 'Gateway', { gatewayName: 'gateway' }), given);
    },
  ],
  'McpWarmup.httpPost': [
    { path: TEXT, port: NUMBER },
    given =>
      greetingServer(unbundledStack(), {
        platformVersion: McpPlatformVersion.V2,
        warmup: McpWarmup.httpPost({ path: '/warm', ...(given as object) }),
      }),
  ],
  'StatefulMcpServer.fromAttributes': [
    { runtimeArn: TEXT, endpointName: TEXT },
    given =>
      StatefulMcpServer.fromAttributes(unbundledStack(), 'X', {
        runtimeArn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/a-0123456789',
        ...(given as object),
      }),
  ],
  'McpPlatformVersion.of': [
    { value: TEXT },
    ({ value }) => greetingServer(unbundledStack(), { platformVersion: McpPlatformVersion.of(value as never) }),
  ],
  'AllowedPort.single': [
    { port: NUMBER },
    ({ port }) => greetingServer(unbundledStack(), { allowedPorts: [AllowedPort.single(port as never)] }),
  ],
  'AllowedPort.range': [
    { from: NUMBER, to: NUMBER },
    ({ from = 8000, to = 9000 }) => greetingServer(unbundledStack(), { allowedPorts: [AllowedPort.range(from, to)] }),
  ],
  'McpCapacityProvider.fromCapacityProviderArn': [
    { capacityProviderArn: NONE },
    ({ capacityProviderArn }) => McpCapacityProvider.fromCapacityProviderArn(capacityProviderArn as never),
  ],
  'McpAuth.of': [
    { configuration: ['authorizer of the L2'] },
    ({ configuration }) => greetingServer(unbundledStack(), { auth: McpAuth.of(configuration as never) }),
  ],
  'McpStorage.of': [
    {
      member: TEXT,
      mountPath: TEXT,
      properties: ['object'],
      policyStatements: NONE,
      wildcardReasons: ['object'],
      connectable: NONE,
    },
    given =>
      greetingServer(unbundledStack(), {
        storage: [McpStorage.of({ member: 'CapacityProviderVolume', mountPath: '/mnt/a', ...(given as object) })],
      }),
  ],
};

const PROPS = Object.entries(FACTORIES).flatMap(([factory, [takes, make]]) =>
  Object.keys(takes).map(prop => [factory, prop, takes[prop] ?? [], make] as const),
);

describe.each(PROPS)('%s, `%s`', (_factory, prop, takes, make) => {
  test.each(Object.keys(VALUES).filter(name => !(takes as readonly string[]).includes(name)))('refuses %s', name => {
    const message = errorOf(() => make({ [prop]: VALUES[name as ValueName] } as Given));
    expect(message).toMatch(new RegExp('`[\\w.[\\]]*\\b' + prop + '\\b[^`]*`'));
    expect(message).toMatch(/ (?:is|are) allowed: |is (?:no SecretValue|a secret)|: pass /);
  });
});

test('what a deployment is the first to know may be in a check, and what JSON has no word for may not', () => {
  const stack = unbundledStack();
  const { topicArn } = new Topic(stack, 'Topic');
  const argumentsWith = (value: unknown): unknown => inConversation({ arguments: { list: [{ value }] } });
  expect(() => argumentsWith(topicArn)).not.toThrow();
  expect(() => argumentsWith(stack.resolve(topicArn))).not.toThrow();
  expect(() => argumentsWith(new CfnParameter(stack, 'Parameter'))).not.toThrow();
  for (const value of [undefined, 5n, Infinity, NaN, Symbol('a'), new Date(0), () => 1, stack, stack.node.root]) {
    expect(errorOf(() => argumentsWith(value))).toMatch(
      /`conversations\[0\]\.arguments\.list\[0\]\.value` is .*; a text, a finite number, true, false, null, a list or an object is allowed/,
    );
  }
});

test.each<[string, () => object]>([
  ['an unresolved token', () => ({ [Aws.REGION]: 'x' })],
  ['the name `__proto__`', () => JSON.parse('{ "__proto__": 1 }') as object],
])('what a check has is not under %s', (name, members) => {
  const advice = `has a member under ${name}; a name that is known is allowed: give it one`;
  expect(errorOf(() => inConversation({ arguments: members() }))).toContain(`\`conversations[0].arguments\` ${advice}`);
  expect(errorOf(() => inConversation({ result: { structuredContent: { list: [members()] } } }))).toContain(
    `\`conversations[0].result.structuredContent.list[0]\` ${advice}`,
  );
  expect(errorOf(() => McpCheckAnswer.accept(members() as never))).toContain(`\`content\` ${advice}`);
  expect(errorOf(() => McpCheckReply.result({ content: members() }))).toContain(`\`result.content\` ${advice}`);
});

test('a change that is allowed says what it is of', () => {
  for (const allowedChanges of [['add'], ['tools:add'], ['tool:'], ['']]) {
    expect(errorOf(() => McpRelease.verified({ allowedChanges }))).toContain(
      `\`allowedChanges[0]\` is "${allowedChanges[0]}": pass \`tool:NAME\`, \`prompt:NAME\` or \`resource:URI\``,
    );
  }
  expect(() =>
    McpRelease.verified({ allowedChanges: ['tool:add', `resource:${Aws.REGION}`, 'tool:add'] }),
  ).not.toThrow();
});

test('a network is no authorizer', () => {
  const auth = McpAuth.of(RuntimeNetworkConfiguration.usingPublicNetwork() as never);
  expect(errorOf(() => greetingServer(unbundledStack(), { auth }))).toMatch(
    /`configuration` is a \w+; a RuntimeAuthorizerConfiguration is allowed/,
  );
});
