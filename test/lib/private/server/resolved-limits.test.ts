import { App, CfnParameter, Duration, Lazy, NestedStack, SecretValue, Stack, Tags } from 'aws-cdk-lib';
import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, StatefulMcpServer } from '../../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../../fixtures/stacks';

test('what lazy values and overrides come to is looked at when all is said', () => {
  const stack = unbundledStack();
  const lazy = (value: string): string => Lazy.string({ produce: () => value });
  const { node } = greetingServer(stack, {
    runtimeName: lazy('not one!'),
    description: lazy(''),
    idleTimeout: Duration.seconds(Lazy.number({ produce: () => 5 })),
    environment: {
      [lazy('A-B')]: 'x',
      SECURE: SecretValue.ssmSecure('name').unsafeUnwrap(),
      STATEFUL_MCP_REQUEST_STATE_KEY: lazy('mine'),
    },
  });
  expect(node.validate()).toEqual([
    expect.stringContaining('`runtimeName` is "not one!"'),
    expect.stringContaining('`description` has 0 characters'),
    expect.stringContaining('`idleTimeout` is 5 seconds'),
    expect.stringContaining('`environment` has a variable named "A-B"'),
    expect.stringContaining('`environment` gives "SECURE" a SecureString of SSM'),
    expect.stringContaining('`environment` is no key'),
  ]);
});

describe('tags of the prop and of the app', () => {
  const many = (prefix: string, count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'x']));
  const synthesized = (ofApp: (stack: Stack) => Record<string, string>, tags?: Record<string, string>) => {
    const stack = unbundledStack();
    greetingServer(stack, { tags });
    for (const [key, value] of Object.entries(ofApp(stack))) {
      Tags.of(stack).add(key, value, { excludeResourceTypes: ['aws:cdk:stack'] });
    }
    return (stack.node.root as App).synth();
  };

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['a value of the app', { Owner: 'Jörg & Söhne' }, {}, '`tags` has "Owner" with a value of 12 characters'],
    ['a key of the app', { 'cost#centre': '1' }, {}, '`tags` has "cost#centre"'],
    ['a lazy value', {}, { Owner: Lazy.string({ produce: () => 'Jörg' }) }, '`tags` has "Owner"'],
    ['too many', many('A', 30), many('B', 30), '`tags` has 60 tags; 50 are allowed'],
  ])('are refused for %s', (_case, ofApp, tags, problem) => {
    expect(errorOf(() => synthesized(() => ofApp, tags))).toContain(problem);
  });

  test('are taken as many as there may be, empty, and known to the deployment alone', () => {
    expect(() => synthesized(() => many('A', 30), many('B', 20))).not.toThrow();
    expect(() =>
      synthesized(stack => ({ Empty: '', Stage: new CfnParameter(stack, 'Stage').valueAsString })),
    ).not.toThrow();
  });
});

describe('one name twice', () => {
  const code = McpServerCode.fromImageUri('public.ecr.aws/team/server:v1');
  const env = { account: '123456789012', region: 'eu-west-1' };

  test('is refused in two stacks of one account and Region, and taken in two Regions', () => {
    const app = new App();
    new StatefulMcpServer(new Stack(app, 'One', { env }), 'Server', { code, runtimeName: 'greetings' });
    expect(
      errorOf(
        () => new StatefulMcpServer(new Stack(app, 'Two', { env }), 'Server', { code, runtimeName: 'greetings' }),
      ),
    ).toContain('and so is that of One/Server');
    const elsewhere = new Stack(app, 'Three', { env: { ...env, region: 'us-east-1' } });
    expect(() => new StatefulMcpServer(elsewhere, 'Server', { code, runtimeName: 'greetings' })).not.toThrow();
    for (const id of ['Four', 'Five']) {
      const anywhere = new Stack(app, id);
      expect(() => new StatefulMcpServer(anywhere, 'Server', { code, runtimeName: 'greetings' })).not.toThrow();
    }
  });

  test('is refused in nested stacks of one stack', () => {
    const stack = unbundledStack();
    const nested = new NestedStack(new NestedStack(stack, 'Outer'), 'Inner');
    new StatefulMcpServer(nested, 'Server', { code, runtimeName: 'greetings', urlParameterName: '/url' });
    for (const scope of [stack, new NestedStack(stack, 'Nested')]) {
      expect(errorOf(() => new StatefulMcpServer(scope, 'Name', { code, runtimeName: 'greetings' }))).toContain(
        '`runtimeName` is "greetings", and so is that of Stack/Outer/Inner/Server',
      );
      expect(errorOf(() => new StatefulMcpServer(scope, 'Parameter', { code, urlParameterName: '/url' }))).toContain(
        '`urlParameterName` is "/url", and so is that of Stack/Outer/Inner/Server; each parameter',
      );
    }
    // The name of the one is no name of the other.
    expect(
      () => new StatefulMcpServer(stack, 'Other', { code, runtimeName: 'url', urlParameterName: 'greetings' }),
    ).not.toThrow();
  });

  test('is refused where the other one was generated', () => {
    const stack = unbundledStack();
    const { runtime } = new StatefulMcpServer(stack, 'One', { code });
    const runtimeName = stack.resolve((runtime.node.defaultChild as CfnRuntime).agentRuntimeName) as string;
    expect(errorOf(() => new StatefulMcpServer(stack, 'Two', { code, runtimeName }))).toContain(
      'and so is that of Stack/One',
    );
  });

  test('is found when lazy names come to the same', () => {
    const stack = unbundledStack();
    const [one, two] = ['One', 'Two'].map(
      id => new StatefulMcpServer(stack, id, { code, runtimeName: Lazy.string({ produce: () => 'greetings' }) }),
    );
    expect(one?.node.validate()).toEqual([]);
    expect(two?.node.validate()).toEqual([expect.stringContaining('and so is that of Stack/One')]);
  });
});
