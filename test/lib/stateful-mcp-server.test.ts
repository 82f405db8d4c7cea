import { CfnParameter, Duration, Stage, Stack, App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { McpAuth, McpServerCode, Packaging } from '../../lib';
import { greetingServer, GREETING_SERVER, unbundledStack } from './fixtures/stacks';

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';

describe('the runtime', () => {
  test('serves MCP from a zip file, with the documented session limits written out', () => {
    const stack = unbundledStack();
    greetingServer(stack);
    Template.fromStack(stack).hasResourceProperties(RUNTIME, {
      ProtocolConfiguration: 'MCP',
      NetworkConfiguration: { NetworkMode: 'PUBLIC' },
      LifecycleConfiguration: { IdleRuntimeSessionTimeout: 900, MaxLifetime: 28_800 },
      AgentRuntimeArtifact: {
        CodeConfiguration: {
          Code: { S3: { Bucket: Match.anyValue(), Prefix: Match.anyValue() } },
          EntryPoint: ['index.js'],
          Runtime: 'NODE_22',
        },
      },
      AuthorizerConfiguration: Match.absent(),
      EnvironmentVariables: {
        STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '900',
        STATEFUL_MCP_MAX_LIFETIME_SECONDS: '28800',
      },
      Description: Match.absent(),
    });
  });

  test('takes its properties', () => {
    const stack = unbundledStack();
    greetingServer(stack, {
      code: McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.zip() }),
      runtimeName: 'greetings',
      description: 'Greets',
      idleTimeout: Duration.minutes(5),
      maxLifetime: Duration.hours(1),
      environment: { GREETING: 'hello' },
      auth: McpAuth.iam(),
    });
    Template.fromStack(stack).hasResourceProperties(RUNTIME, {
      AgentRuntimeName: 'greetings',
      Description: 'Greets',
      LifecycleConfiguration: { IdleRuntimeSessionTimeout: 300, MaxLifetime: 3600 },
      EnvironmentVariables: { GREETING: 'hello' },
      AuthorizerConfiguration: Match.absent(),
    });
  });

  test('is the default child, for overrides', () => {
    expect(greetingServer(unbundledStack()).node.defaultChild).toBeInstanceOf(CfnRuntime);
  });

  test('keeps unresolved tokens', () => {
    const stack = unbundledStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    const limit = Duration.seconds(new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber);
    greetingServer(stack, {
      runtimeName: name,
      description: name,
      idleTimeout: limit,
      maxLifetime: limit,
      environment: { NAME: name },
    });
    Template.fromStack(stack).hasResourceProperties(RUNTIME, {
      AgentRuntimeName: { Ref: 'Name' },
      Description: { Ref: 'Name' },
      LifecycleConfiguration: { IdleRuntimeSessionTimeout: { Ref: 'Limit' }, MaxLifetime: { Ref: 'Limit' } },
      EnvironmentVariables: { NAME: { Ref: 'Name' } },
    });
  });
});

describe('the generated name', () => {
  const nameIn = (stack: Stack): unknown => {
    greetingServer(stack);
    const [runtime] = Object.values(Template.fromStack(stack).findResources(RUNTIME)) as {
      Properties: { AgentRuntimeName: unknown };
    }[];
    return runtime?.Properties.AgentRuntimeName;
  };

  test('says where the server is in the app', () => {
    expect(nameIn(unbundledStack())).toMatch(/^Stack_Server_[0-9A-F]{8}$/);
  });

  test('is valid and unique, however long and odd the path', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const names = ['a-stage-for-tests', 'another-stage-for-tests'].map(id =>
      nameIn(new Stack(new Stage(app, id), 'a-stack-with-quite-a-long-name-indeed')),
    );
    expect(new Set(names).size).toBe(2);
    for (const name of names) {
      expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9_]{0,47}$/);
    }
  });
});

describe('the execution role', () => {
  test('can be assumed by AgentCore Runtime alone, for this runtime of this account', () => {
    const stack = unbundledStack();
    greetingServer(stack, { runtimeName: 'greetings' });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'bedrock-agentcore.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Sub':
                    'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}:runtime/greetings-*',
                },
              },
            },
          },
        ],
      },
    });
  });

  test('may do what the service documents, fetch the code of this server, and nothing else', () => {
    const stack = unbundledStack();
    greetingServer(stack);
    const statements = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(
      policy =>
        (policy.Properties as { PolicyDocument: { Statement: { Sid?: string; Action: string | string[] }[] } })
          .PolicyDocument.Statement,
    );
    expect(Object.fromEntries(statements.map(statement => [String(statement.Sid), [statement.Action].flat()]))).toEqual(
      {
        LogGroupAccess: ['logs:DescribeLogStreams', 'logs:CreateLogGroup'],
        DescribeLogGroups: ['logs:DescribeLogGroups'],
        LogStreamAccess: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        XRayAccess: [
          'xray:PutTraceSegments',
          'xray:PutTelemetryRecords',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
        ],
        CloudWatchMetrics: ['cloudwatch:PutMetricData'],
        GetAgentAccessToken: [
          'bedrock-agentcore:GetWorkloadAccessToken',
          'bedrock-agentcore:GetWorkloadAccessTokenForJWT',
          'bedrock-agentcore:GetWorkloadAccessTokenForUserId',
        ],
        undefined: ['s3:GetObject'],
      },
    );
  });

  test('may fetch programs from the bucket for assets, whatever their hash', () => {
    const stack = unbundledStack();
    greetingServer(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 's3:GetObject',
            Resource: { 'Fn::Sub': Match.stringLikeRegexp('^arn:\\$\\{AWS::Partition\\}:s3:::[^/*]+/\\*\\.zip$') },
          }),
        ]),
      },
    });
  });

  test('exists, with its policy, before the runtime does', () => {
    const stack = unbundledStack();
    greetingServer(stack);
    const template = Template.fromStack(stack);
    const [runtime] = Object.values(template.findResources(RUNTIME));
    expect(runtime?.DependsOn).toEqual(expect.arrayContaining(Object.keys(template.findResources('AWS::IAM::Policy'))));
  });

  test('can be one of the user, which gets the same permissions', () => {
    const stack = unbundledStack();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    const server = greetingServer(stack, { role });
    expect(server.role).toBe(role);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 1);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [stack.resolve(role.roleName)],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'LogGroupAccess' }),
          Match.objectLike({ Action: 's3:GetObject' }),
        ]),
      },
    });
    template.hasResourceProperties(RUNTIME, { RoleArn: stack.resolve(role.roleArn) as unknown });
  });

  test('can be one that may not be changed', () => {
    const stack = unbundledStack();
    greetingServer(stack, {
      role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/mcp', { mutable: false }),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.hasResourceProperties(RUNTIME, { RoleArn: 'arn:aws:iam::123456789012:role/mcp' });
  });

  test('is who the server is as a grantee', () => {
    const stack = unbundledStack();
    const table = new Table(stack, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    const server = greetingServer(stack);
    table.grantReadData(server);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [stack.resolve(server.role.roleName)],
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['dynamodb:GetItem']) })]),
      },
    });
  });
});

test('the code is there before the template is rendered, for aspects and validation plugins', () => {
  const server = greetingServer(unbundledStack());
  expect(server.node.findChild('Code')).toHaveProperty('assetHash');
});
