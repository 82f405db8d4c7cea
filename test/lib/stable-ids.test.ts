import { App, Duration, PropertyInjectors, Stack, type InjectionContext } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  McpAlarms,
  McpRelease,
  McpServerCode,
  Packaging,
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
