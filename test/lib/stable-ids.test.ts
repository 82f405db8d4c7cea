import { App, Duration, PropertyInjectors, Stack, Stage, type InjectionContext } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  ImageAssembler,
  McpAlarms,
  McpRelease,
  McpServerCode,
  Packaging,
  ReleaseChecker,
  StatefulMcpServer,
  type StatefulMcpServerProps,
} from '../../lib';
import { resourcesOf, verifiedServer } from './fixtures/releases';
import { greetingServer, GREETING_SERVER, unbundledStack } from './fixtures/stacks';

// Another logical id is another resource: with an update of this package, users would lose a runtime and its URL, a
// repository with its images, or a key.
test.each([
  ['image', Packaging.image()],
  ['zip file', Packaging.zip()],
])('logical ids of a server in a %s stay', (_, packaging) => {
  const stack = unbundledStack();
  greetingServer(stack, {
    code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging }),
    alarms: McpAlarms.standard({ topic: new Topic(stack, 'Topic') }),
    tracingEnabled: true,
    urlParameterName: '/url',
  });
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, { Type: string }> };
  const ids = Object.fromEntries(Object.entries(Resources).map(([id, { Type }]) => [id, Type]));
  expect(ids).toMatchSnapshot();
});

test('logical ids of a verified release stay', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const [plain, watched] = [new Stack(app, 'Plain'), new Stack(app, 'Watched')];
  verifiedServer(plain);
  verifiedServer(watched, { release: McpRelease.verified({ watch: Duration.hours(1), candidate: true }) });
  const idsIn = (stack: Stack): string[] => Object.keys(resourcesOf(stack)).filter(id => id.includes('Release'));
  expect([plain, watched].map(idsIn)).toMatchSnapshot();
});

// CloudFormation: "Modifying service token is not allowed".
describe('another function than before has custom resources of its own', () => {
  const OTHER: Record<string, (stack: Stack) => Partial<StatefulMcpServerProps>> = {
    'the assembler and the checker of the stack': () => ({ code: McpServerCode.fromTypeScript(GREETING_SERVER) }),
    'the same, by name': stack => calling(ImageAssembler.of(stack), ReleaseChecker.of(stack)),
    'those of one name': stack => calling(new ImageAssembler(stack, 'One'), new ReleaseChecker(stack, 'OneToo')),
    'those of another name': stack => calling(new ImageAssembler(stack, 'Two'), new ReleaseChecker(stack, 'TwoToo')),
    'those of another stack': stack => {
      const tools = new Stack(Stage.of(stack), 'Tools');
      return calling(ImageAssembler.of(tools), ReleaseChecker.of(tools));
    },
  };
  const calling = (assembler: ImageAssembler, checker: ReleaseChecker): Partial<StatefulMcpServerProps> => ({
    code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image({ assembler }) }),
    release: McpRelease.verified({ checker }),
  });
  const customIn = (kind: string, scope = (): Construct => new App({ context: { 'aws:cdk:bundling-stacks': [] } })) => {
    const stack = new Stack(scope(), 'Stack');
    verifiedServer(stack, OTHER[kind]?.(stack));
    return Object.entries(resourcesOf(stack)).flatMap(([id, { Type, Properties }]) =>
      Type.startsWith('Custom::') ? [{ id, token: JSON.stringify(Properties.ServiceToken) }] : [],
    );
  };
  const all = Object.keys(OTHER).flatMap(kind => customIn(kind));

  test('so that the token of none changes', () => {
    expect(all).toHaveLength(Object.keys(OTHER).length * 3);
    const tokens = new Map(all.map(({ id, token }) => [id, token]));
    expect(all.filter(({ id, token }) => tokens.get(id) !== token)).toEqual([]);
    // The first two are the same.
    expect(tokens.size).toBe((Object.keys(OTHER).length - 1) * 3);
  });

  test('whatever the stage is called', () => {
    const staged = (name: string) => () => new Stage(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), name);
    expect(customIn('those of one name', staged('Test'))).toEqual(customIn('those of one name', staged('Production')));
    expect(customIn('those of one name', staged('Test'))).toEqual(customIn('those of one name'));
  });
});

test('a property injector of the app gives defaults, also through a stage', () => {
  const seen: InjectionContext[] = [];
  const app = new App({
    context: { 'aws:cdk:bundling-stacks': [] },
    propertyInjectors: [
      {
        constructUniqueId: StatefulMcpServer.PROPERTY_INJECTION_ID,
        inject(props: StatefulMcpServerProps, context): StatefulMcpServerProps {
          seen.push(context);
          return { description: 'by the platform team', ...props };
        },
      },
    ],
  });
  const stack = new Stack(app, 'Stack');
  greetingServer(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    Description: 'by the platform team',
  });
  expect(seen).toEqual([{ scope: stack, id: 'Server' }]);
});

test('an injector for the resources within a server is heard, too', () => {
  const stack = unbundledStack();
  PropertyInjectors.of(stack).add({
    constructUniqueId: 'aws-cdk-lib.aws-iam.Role',
    inject: (props: object) => ({ ...props, permissionsBoundary: undefined, description: 'of a server' }),
  });
  greetingServer(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    Description: 'of a server',
    AssumeRolePolicyDocument: Match.anyValue(),
  });
});
