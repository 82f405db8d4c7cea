import { Duration, Stack, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { InterfaceVpcEndpointAwsService, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  McpAlarms,
  McpAuth,
  McpCheck,
  McpInconclusive,
  McpNetwork,
  McpRelease,
  McpReleaseCaller,
  McpServerCode,
  Packaging,
  ReleaseChecker,
  StatefulMcpServer,
} from '../../../lib';
import { nagFindings } from '../fixtures/cdk-nag';
import {
  CHECK,
  checkOf,
  ENDPOINT,
  idOf,
  resourcesOf,
  RUNTIME,
  verifiedServer,
  waitsFor,
  type Resource,
} from '../fixtures/releases';
import { errorOf, greetingServer, permissionsOf, unbundledStack } from '../fixtures/stacks';

const ISSUER = 'https://login.example.com/.well-known/openid-configuration';

/** What of a template is known to CloudFormation alone. */
interface Reference {
  readonly Ref?: string;
  readonly 'Fn::Join'?: readonly [string, readonly string[]];
  readonly 'Fn::Sub'?: string;
}

const IMAGE = McpServerCode.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1');

describe('the order of a deployment', () => {
  const stack = unbundledStack();
  const server = verifiedServer(stack, { alarms: McpAlarms.standard({ topic: new Topic(stack, 'Topic') }) });
  new Bucket(stack, 'Bucket').grantRead(server);
  const resources = resourcesOf(stack);
  const candidate = idOf(resources, CHECK, 'Candidate');
  const promoted = idOf(resources, CHECK, 'Promoted');
  const endpoint = idOf(resources, ENDPOINT);
  const runtime = idOf(resources, RUNTIME);

  test('is version, check, endpoint, check of the endpoint; it is destroyed in the opposite order', () => {
    expect([...waitsFor(resources, promoted)]).toEqual(expect.arrayContaining([endpoint, candidate, runtime]));
    expect([...waitsFor(resources, endpoint)]).toEqual(expect.arrayContaining([candidate, runtime]));
    expect([...waitsFor(resources, candidate)]).toContain(runtime);
    for (const [id, others] of Object.entries({
      [runtime]: [candidate, endpoint],
      [candidate]: [endpoint, promoted],
    })) {
      expect([...waitsFor(resources, id)]).not.toEqual(expect.arrayContaining(others));
    }
  });

  test('the check waits for all that the server needs to work, and the function for its permissions', () => {
    const policies = Object.keys(resources).filter(id => resources[id]?.Type === 'AWS::IAM::Policy');
    expect(policies.some(id => id.startsWith('ServerRoleDefaultPolicy'))).toBe(true);
    expect([...waitsFor(resources, candidate)]).toEqual(expect.arrayContaining(policies));
  });

  test('the endpoint serves the version that was checked', () => {
    expect(resources[endpoint]?.Properties).toMatchObject({
      Name: 'live',
      AgentRuntimeId: { 'Fn::GetAtt': [runtime, 'AgentRuntimeId'] },
      AgentRuntimeVersion: { 'Fn::GetAtt': [candidate, 'endpointVersion'] },
    });
    expect(checkOf(resources, 'Candidate')).toMatchObject({
      stage: 'candidate',
      version: { 'Fn::GetAtt': [runtime, 'AgentRuntimeVersion'] },
      endpointName: 'live',
      check: '{}',
      onInconclusive: 'fail',
      callers: [{ kind: 'iam' }],
      recordName: expect.stringMatching(/^\/stateful-mcp\/release\/\w+$/) as unknown,
      ServiceTimeout: '3600',
    });
    expect(checkOf(resources, 'Promoted')).toMatchObject({
      ...checkOf(resources, 'Candidate'),
      stage: 'promoted',
      version: { 'Fn::GetAtt': [candidate, 'endpointVersion'] },
    });
  });
});

test('users call the endpoint: by the URL, the grants, the metrics and the resource policies', () => {
  const stack = unbundledStack();
  const server = verifiedServer(stack, { urlParameterName: '/url' });
  expect(JSON.stringify(stack.resolve(server.url))).toContain('/invocations?qualifier=live');
  expect([server.endpointName, server.endpoint?.endpointName]).toEqual(['live', 'live']);
  expect(server.metrics.invocations().dimensions?.Name).toMatch(/::live$/);
  const caller = new Function(stack, 'Caller', {
    code: Code.fromInline('//'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    environment: { URL: server.url },
  });
  server.grants.invoke(caller);
  caller.grantInvoke(server);
  server.allowInvokeFrom(caller.grantPrincipal);
  const allowed = permissionsOf(stack, caller.role ?? server.role)['bedrock-agentcore:InvokeAgentRuntime'];
  expect(JSON.stringify(allowed)).toMatch(/"\]\},\{"Fn::Join":\["",\[\{[^}]*\},"\/runtime-endpoint\/live"\]\]\}\]$/);
  const resources = resourcesOf(stack);
  const endpoint = idOf(resources, ENDPOINT);
  expect([...waitsFor(resources, idOf(resources, 'AWS::BedrockAgentCore::ResourcePolicy', 'Endpoint'))]).toContain(
    endpoint,
  );
  expect([...waitsFor(resources, idOf(resources, 'AWS::SSM::Parameter'))]).toContain(
    idOf(resources, CHECK, 'Promoted'),
  );
});

test('a change of the check alone changes the checks, and not the runtime', () => {
  const [before, after] = [{ tools: ['add'] }, { tools: ['add', 'list'] }].map(options => {
    const stack = unbundledStack();
    verifiedServer(stack, { release: McpRelease.verified({ check: McpCheck.of(options) }) });
    return resourcesOf(stack);
  });
  const changed = Object.keys(after ?? {}).filter(id => JSON.stringify(before?.[id]) !== JSON.stringify(after?.[id]));
  expect(Object.keys(before ?? {})).toEqual(Object.keys(after ?? {}));
  expect(changed.map(id => after?.[id]?.Type)).toEqual([CHECK, CHECK]);
});

test('people decide when users get a version, where there is a candidate', () => {
  const stack = unbundledStack();
  verifiedServer(stack, { release: McpRelease.verified({ candidate: true, endpointName: 'prod' }) });
  const resources = resourcesOf(stack);
  const check = idOf(resources, CHECK);
  expect(resources[check]?.Properties).toMatchObject({ keepsEndpoint: 'true', endpointName: 'prod' });
  const versions = Object.values(resources).flatMap(({ Type, Properties: { Name, AgentRuntimeVersion } }) =>
    Type === ENDPOINT ? [[Name, AgentRuntimeVersion]] : [],
  );
  expect(versions).toEqual([
    ['prod', { 'Fn::GetAtt': [check, 'endpointVersion'] }],
    ['candidate', { 'Fn::GetAtt': [check, 'verifiedVersion'] }],
  ]);
});

test('a server with the kit is checked in both eras, and what the release says is in the check', () => {
  const stack = unbundledStack();
  const check = McpCheck.of({ tools: ['add'], allowedChanges: ['tool:old'] });
  greetingServer(stack, {
    code: McpServerCode.fromTypeScript(`${__dirname}/../../../samples/expense-tracker/server.ts`, {
      packaging: Packaging.zip(),
    }),
    release: McpRelease.verified({ check, allowedChanges: ['tool:older'], onInconclusive: McpInconclusive.PASS }),
  });
  const { check: json, onInconclusive } = checkOf(resourcesOf(stack), 'Candidate');
  expect(onInconclusive).toBe('pass');
  expect(JSON.parse(json as string)).toEqual({
    eras: ['legacy', 'modern'],
    tools: ['add'],
    allowedChanges: ['tool:old', 'tool:older'],
  });
});

test('a server in a VPC is checked once its routes and its endpoints are there', () => {
  const stack = unbundledStack();
  const vpc = new Vpc(stack, 'Vpc');
  vpc.addInterfaceEndpoint('Logs', { service: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });
  verifiedServer(stack, { network: McpNetwork.vpc({ vpc }) });
  const resources = resourcesOf(stack);
  expect([...waitsFor(resources, idOf(resources, CHECK, 'Candidate'))]).toContain(
    idOf(resources, 'AWS::EC2::VPCEndpoint'),
  );
});

describe('the function', () => {
  test('is one for all servers of a stack, however many policies that takes', () => {
    const stack = unbundledStack();
    for (const runtimeName of Array.from({ length: 14 }, (_, index) => `server_${index}`)) {
      new StatefulMcpServer(stack, runtimeName, { code: IMAGE, runtimeName });
    }
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.resourceCountIs('AWS::BedrockAgentCore::RuntimeEndpoint', 14);
    // The rest of what one inline policy has no room for.
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
    expect(JSON.stringify(template.findResources('AWS::IAM::ManagedPolicy'))).toContain('release/server_13"');
    expect(nagFindings(stack)).toEqual([]);
  });

  test('has policies that are not too long, with long names and a secret for each server', () => {
    const stack = unbundledStack();
    for (const runtimeName of Array.from({ length: 25 }, (_, index) => `${'s'.repeat(46)}${10 + index}`)) {
      const arn = `arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:${runtimeName}-AbCdEf`;
      const secret = Secret.fromSecretCompleteArn(stack, `Secret${runtimeName}`, arn);
      const callers = [McpReleaseCaller.clientCredentials({ clientId: 'agent', secret })];
      const auth = McpAuth.jwt({ discoveryUrl: ISSUER, allowedClients: ['agent'] });
      const release = McpRelease.verified({ callers });
      new StatefulMcpServer(stack, runtimeName, { code: IMAGE, runtimeName, auth, release });
    }
    const policies = Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy');
    expect(Object.values(policies)).not.toEqual([]);
    for (const { Properties } of Object.values(policies) as Resource[]) {
      const document: unknown = JSON.parse(JSON.stringify(Properties.PolicyDocument), (_, value: Reference) =>
        value.Ref
          ? 'ap-southeast-2'
          : (value['Fn::Sub']?.replace(/\$\{[^}]*\}/g, 'ap-southeast-2') ?? value['Fn::Join']?.[1].join('') ?? value),
      );
      expect(JSON.stringify(document).length).toBeLessThan(6144);
    }
  });

  test('is allowed this for a server whose callers sign', () => {
    const stack = unbundledStack();
    verifiedServer(stack, { runtimeName: 'greeter' });
    const { role } = ReleaseChecker.of(stack);
    const allowed = permissionsOf(stack, role);
    expect(Object.keys(allowed).sort()).toEqual([
      'bedrock-agentcore:GetAgentRuntime',
      'bedrock-agentcore:GetAgentRuntimeEndpoint',
      'bedrock-agentcore:InvokeAgentRuntime',
      'bedrock-agentcore:StopRuntimeSession',
      'lambda:InvokeFunction',
      'logs:CreateLogStream',
      'logs:FilterLogEvents',
      'logs:PutLogEvents',
      'ssm:DeleteParameter',
      'ssm:GetParameter',
      'ssm:PutParameter',
    ]);
    expect(JSON.stringify(allowed['bedrock-agentcore:InvokeAgentRuntime'])).toContain(':runtime/greeter-*');
    expect(JSON.stringify(allowed['ssm:PutParameter'])).toContain(':parameter/stateful-mcp/release/greeter"');
    expect(JSON.stringify(allowed['ssm:DeleteParameter'])).toContain(':parameter/stateful-mcp/release/*"');
    expect(nagFindings(stack)).toEqual([]);
  });

  test('may be of another stack, whose policies stay as they are', () => {
    const own = unbundledStack();
    const checker = new ReleaseChecker(new Stack(own.node.root, 'Shared'), 'Checker');
    verifiedServer(own, { release: McpRelease.verified({ checker }) });
    Template.fromStack(own).resourceCountIs('AWS::Lambda::Function', 0);
    Template.fromStack(own).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'logs:FilterLogEvents' })]) },
    });
  });

  test.each([
    ['another app', () => new ReleaseChecker(unbundledStack(), 'Checker'), 'of another app'],
    [
      'another Region',
      (stack: Stack) =>
        new ReleaseChecker(new Stack(stack.node.root as App, 'Far', { env: { region: 'us-east-1' } }), 'Checker'),
      'the same account and Region is allowed',
    ],
  ])('of %s is refused', (_place, checkerOf, message) => {
    const stack = unbundledStack();
    expect(
      errorOf(() => verifiedServer(stack, { release: McpRelease.verified({ checker: checkerOf(stack) }) })),
    ).toContain(message);
  });
});

describe('a watch', () => {
  const stack = unbundledStack();
  const watchTopic = new Topic(stack, 'Topic');
  const server = verifiedServer(stack, { release: McpRelease.verified({ watch: Duration.hours(1), watchTopic }) });
  const resources = resourcesOf(stack);

  test('calls the function by a schedule, once the endpoint is checked', () => {
    const rule = idOf(resources, 'AWS::Events::Rule');
    expect([...waitsFor(resources, rule)]).toContain(idOf(resources, CHECK, 'Promoted'));
    expect(resources[rule]?.Properties).toMatchObject({ ScheduleExpression: 'rate(1 hour)' });
    const { Targets: [target] = [] } = resources[rule]?.Properties as { Targets: { Input: unknown }[] };
    expect(JSON.stringify(target?.Input)).toContain('\\"watch\\":{\\"runtimeArn\\":');
    expect(JSON.stringify(target?.Input)).not.toContain('stage');
  });

  test('has an alarm on checks that failed', () => {
    expect(server.alarms).toHaveLength(1);
    expect(resources[idOf(resources, 'AWS::CloudWatch::Alarm')]?.Properties).toMatchObject({
      Namespace: 'StatefulMcp/Release',
      MetricName: 'CheckFailed',
      Period: 3600,
      Threshold: 1,
      AlarmActions: [stack.resolve(watchTopic.topicArn)],
      OKActions: [stack.resolve(watchTopic.topicArn)],
      Dimensions: expect.arrayContaining([{ Name: 'Endpoint', Value: 'live' }]) as unknown,
    });
  });
});
