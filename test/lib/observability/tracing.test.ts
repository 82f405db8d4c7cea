import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { TransactionSearch } from '../../../lib';
import { errorOf, greetingServer, unbundledStack } from '../fixtures/stacks';

const TRACES = { LogType: 'TRACES' };
const SOURCE = 'AWS::Logs::DeliverySource';

function hasTraces(stack: Stack): boolean {
  return Object.keys(Template.fromStack(stack).findResources(SOURCE, { Properties: TRACES })).length === 1;
}

test('traces are not delivered where the account may not take them', () => {
  const stack = unbundledStack();
  greetingServer(stack);
  expect(hasTraces(stack)).toBe(false);
});

test('traces are delivered where the account is said to take them', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { tracingEnabled: true, runtimeName: 'greetings' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties(SOURCE, {
    ...TRACES,
    Name: 'greetings-traces',
    ResourceArn: stack.resolve(server.runtimeArn) as unknown,
  });
  template.hasResourceProperties('AWS::Logs::DeliveryDestination', {
    Name: 'greetings-traces',
    DeliveryDestinationType: 'XRAY',
    DestinationResourceArn: Match.absent(),
  });
  template.resourceCountIs('AWS::XRay::ResourcePolicy', 0);
});

test.each(['before', 'after'])('with Transaction Search made %s the server, traces wait for it', when => {
  const stack = unbundledStack();
  if (when === 'before') {
    new TransactionSearch(stack, 'Search');
  }
  greetingServer(stack);
  if (when === 'after') {
    new TransactionSearch(stack, 'Search');
  }
  expect(hasTraces(stack)).toBe(true);
  Template.fromStack(stack).hasResource('AWS::Logs::Delivery', {
    Properties: { DeliverySourceName: Match.stringLikeRegexp('-traces$') },
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^SearchSetting')]),
  });
});

test('traces that are switched off stay off', () => {
  const stack = unbundledStack();
  new TransactionSearch(stack, 'Search');
  greetingServer(stack, { tracingEnabled: false });
  expect(hasTraces(stack)).toBe(false);
});

test('the stack of a server waits for the one with Transaction Search, in the same account and Region alone', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const settings = new Stack(app, 'Settings', { env: { account: '111111111111', region: 'eu-west-1' } });
  const same = new Stack(app, 'Same', { env: { account: '111111111111', region: 'eu-west-1' } });
  const other = new Stack(app, 'Other', { env: { account: '111111111111', region: 'us-east-1' } });
  greetingServer(same);
  greetingServer(other);
  new TransactionSearch(settings, 'Search');
  expect(hasTraces(same)).toBe(true);
  expect(same.dependencies).toContain(settings);
  expect(hasTraces(other)).toBe(false);
});

test('Transaction Search lets X-Ray write spans, and then sets where they go', () => {
  const stack = unbundledStack();
  new TransactionSearch(stack, 'Search', { indexingPercentage: 5 });
  const template = Template.fromStack(stack);
  template.hasResource('AWS::XRay::TransactionSearchConfig', {
    Properties: { IndexingPercentage: 5 },
    DependsOn: [Match.stringLikeRegexp('^SearchAccess')],
    DeletionPolicy: 'Delete',
  });
  const [policy] = Object.values(template.findResources('AWS::Logs::ResourcePolicy')) as {
    Properties: { PolicyDocument: unknown };
  }[];
  const document = JSON.stringify(policy?.Properties.PolicyDocument);
  for (const part of ['xray.amazonaws.com', 'logs:PutLogEvents', 'aws/spans', '/aws/application-signals/data']) {
    expect(document).toContain(part);
  }
});

test('an app has it once in an account and Region', () => {
  const stack = unbundledStack();
  new TransactionSearch(stack, 'Search');
  expect(errorOf(() => new TransactionSearch(stack, 'Again'))).toBe(
    '[Stack/Again] the app has Transaction Search for this account and Region at `Stack/Search`: leave one of them out',
  );
});

test.each([-1, 101, Number.NaN])('an indexing percentage of %s is refused', indexingPercentage => {
  expect(errorOf(() => new TransactionSearch(unbundledStack(), 'Search', { indexingPercentage }))).toContain(
    '`indexingPercentage` is',
  );
});
