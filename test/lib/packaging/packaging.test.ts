import { readdirSync } from 'node:fs';
import path from 'node:path';
import { App, Stack, type CfnElement } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Asset } from 'aws-cdk-lib/aws-s3-assets';
import { type IConstruct } from 'constructs';
import { parseProperties } from '../../../lambda/image-assembler/common/properties';
import {
  ImageAssembler,
  McpLogging,
  McpRelease,
  McpServerCode,
  Packaging,
  StatefulMcpServer,
  type ImagePackagingOptions,
} from '../../../lib';
import { substituted } from '../../../lib/private/common/substitution';
import { nagFindings } from '../fixtures/cdk-nag';
import { project, removeProjects } from '../fixtures/projects';
import { greetingServer, GREETING_SERVER, permissionsOf, propertiesOf, unbundledStack } from '../fixtures/stacks';

afterEach(removeProjects);

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const REPOSITORY = 'AWS::ECR::Repository';
const ASSEMBLY = 'Custom::ImageAssembly';

function inImage(options?: ImagePackagingOptions): McpServerCode {
  return McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image(options) });
}

function logicalIds(stack: Stack, type: string): string[] {
  return Object.keys(Template.fromStack(stack).findResources(type));
}

test('an image is what a server is packaged in when nothing else is said', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack, { code: McpServerCode.fromTypeScript(GREETING_SERVER) });
  expect(logicalIds(stack, ASSEMBLY)).toHaveLength(1);
  expect(server.repository).toBeDefined();
});

describe('an image is assembled', () => {
  test('of what the handler takes: the bundle, on Node.js 24, for a user without privileges', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: inImage(), release: McpRelease.direct() });
    const asset = server.node.findChild('Code') as Asset;
    const properties = propertiesOf(stack, ASSEMBLY);
    expect(properties).toMatchObject({ repositoryUri: stack.resolve(server.repository?.repositoryUri) as unknown });
    expect(properties.application).toEqual(
      stack.resolve({
        bucketName: asset.s3BucketName,
        objectKey: `${asset.assetHash}.zip`,
        contentHash: asset.assetHash,
      }),
    );
    const deployed = {
      ...properties,
      repositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/stack-server',
      application: { ...(properties.application as object), bucketName: 'assets' },
    };
    expect(parseProperties(deployed, { os: 'linux', architecture: 'arm64' })).toMatchObject({
      baseImage: { registry: 'public.ecr.aws', repository: 'docker/library/node', reference: '24-slim' },
      entrypoint: ['node', '--enable-source-maps', 'index.js'],
      user: '1000:1000',
      workingDirectory: '/app',
      port: 8000,
    });
  });

  test('into the runtime, by its digest', () => {
    const stack = unbundledStack();
    const { imageUri } = greetingServer(stack, { code: inImage(), release: McpRelease.direct() });
    expect(stack.resolve(imageUri)).toEqual({ 'Fn::GetAtt': [logicalIds(stack, ASSEMBLY)[0], 'imageUri'] });
    Template.fromStack(stack).hasResourceProperties(RUNTIME, {
      AgentRuntimeArtifact: {
        ContainerConfiguration: { ContainerUri: { 'Fn::GetAtt': [logicalIds(stack, ASSEMBLY)[0], 'imageUri'] } },
        CodeConfiguration: Match.absent(),
      },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('by one function for all servers of a stack', () => {
    const stack = unbundledStack();
    new StatefulMcpServer(stack, 'One', { code: inImage(), release: McpRelease.direct() });
    new StatefulMcpServer(stack, 'Two', { code: inImage(), release: McpRelease.direct() });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.resourceCountIs(ASSEMBLY, 2);
    template.resourceCountIs(REPOSITORY, 2);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Runtime: 'nodejs22.x',
      Architectures: ['arm64'],
      MemorySize: 1769,
      Timeout: 900,
      EphemeralStorage: { Size: 4096 },
    });
  });

  test('from the same bundle as a zip file', () => {
    const entry = path.join(project({ 'package.json': '{}', 'server.ts': 'console.log(1);' }), 'server.ts');
    const hashOf = (packaging: Packaging): string => {
      const server = new StatefulMcpServer(new Stack(new App({ outdir: project({}) }), 'Stack'), 'Server', {
        code: McpServerCode.fromTypeScript(entry, { packaging }),
      });
      const { assetHash, assetPath } = server.node.findChild('Code') as Asset;
      expect(readdirSync(path.join((server.node.root as App).outdir, assetPath)).sort()).toEqual([
        'index.js',
        'index.js.map',
        'package.json',
      ]);
      return assetHash;
    };
    expect(hashOf(Packaging.image())).toBe(hashOf(Packaging.zip()));
  });
});

describe('the runtime', () => {
  const pullPermissions = (stack: Stack, server: StatefulMcpServer): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(permissionsOf(stack, server.role)).filter(
        ([action]) => action.startsWith('ecr:') || action.startsWith('s3:'),
      ),
    );

  test('may pull from the repository, and nowhere else', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: inImage(), release: McpRelease.direct() });
    const repository = stack.resolve(server.repository?.repositoryArn) as unknown;
    expect(pullPermissions(stack, server)).toEqual({
      'ecr:BatchGetImage': repository,
      'ecr:GetDownloadUrlForLayer': repository,
      'ecr:GetAuthorizationToken': '*',
    });
  });

  test('is created after the image, the role and all its policies', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: inImage(), release: McpRelease.direct() });
    const idOf = (construct: IConstruct): string => stack.getLogicalId(construct.node.defaultChild as CfnElement);
    const policies = [server.node.findChild('Policy')];
    Template.fromStack(stack).hasResource(RUNTIME, {
      DependsOn: Match.arrayWith(policies.map(idOf)),
    });
  });

  test('can have a role of another stack', () => {
    const app = unbundledStack().node.root as App;
    const role = new Role(new Stack(app, 'Roles'), 'Role', {
      assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com'),
    });
    const stack = new Stack(app, 'Servers');
    const server = greetingServer(stack, { code: inImage(), role });
    app.synth();
    expect(Object.keys(pullPermissions(stack, server))).toContain('ecr:BatchGetImage');
  });

  test('can have a role that may not be changed', () => {
    const stack = unbundledStack();
    greetingServer(stack, {
      code: inImage(),
      role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/mcp', { mutable: false }),
    });
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as {
      Properties: { Roles: unknown };
    }[];
    const roles = policies.map(({ Properties }) => Properties.Roles);
    expect(roles).toEqual(policies.map(() => [stack.resolve(ImageAssembler.of(stack).role.roleName) as unknown]));
  });

  test('says which bundle is in its image, and how it is started', () => {
    const stack = unbundledStack();
    const asset = greetingServer(stack, { code: inImage(), release: McpRelease.direct() }).node.findChild(
      'Code',
    ) as Asset;
    Template.fromStack(stack).hasResource(RUNTIME, {
      Metadata: {
        'cdk-stateful-mcp:program': {
          assetObjectKey: `${asset.assetHash}.zip`,
          command: ['node', '--enable-source-maps', 'index.js'],
          baseImage: 'public.ecr.aws/docker/library/node:24-slim',
        },
      },
    });
  });
});

describe('the function that assembles', () => {
  test('may read the bundle, push to the repository of the server, and write its log', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: inImage(), logging: McpLogging.none() });
    const asset = server.node.findChild('Code') as Asset;
    const role = stack.node.findChild('StatefulMcpImageAssemblerV1').node.findChild('Role') as Role;
    const repository = stack.resolve(server.repository?.repositoryArn) as unknown;
    const [logGroup] = logicalIds(stack, 'AWS::Logs::LogGroup');
    expect(permissionsOf(stack, role)).toEqual({
      'logs:CreateLogStream': { 'Fn::GetAtt': [logGroup, 'Arn'] },
      'logs:PutLogEvents': { 'Fn::GetAtt': [logGroup, 'Arn'] },
      'ecr:GetAuthorizationToken': '*',
      's3:GetObject': stack.resolve(substituted(asset.bucket.arnForObjects('*.zip'))) as unknown,
      'ecr:BatchCheckLayerAvailability': repository,
      'ecr:BatchGetImage': repository,
      'ecr:GetDownloadUrlForLayer': repository,
      'ecr:CompleteLayerUpload': repository,
      'ecr:InitiateLayerUpload': repository,
      'ecr:PutImage': repository,
      'ecr:UploadLayerPart': repository,
    });
  });

  test('is called after it may do this, and has the time for a second run', () => {
    const stack = unbundledStack();
    greetingServer(stack, { code: inImage(), release: McpRelease.direct() });
    Template.fromStack(stack).hasResource(ASSEMBLY, {
      Properties: { ServiceTimeout: '2100' },
      DependsOn: [Match.stringLikeRegexp('^ServerImagesPolicy')],
    });
  });
});

test('cdk-nag finds nothing in a server in an image', () => {
  const stack = unbundledStack();
  greetingServer(stack, { code: inImage(), release: McpRelease.direct() });
  expect(nagFindings(stack)).toEqual([]);
});

test('the stack is synthesized without its bundle, when another is deployed', () => {
  const stack = unbundledStack({ context: { 'aws:cdk:bundling-stacks': ['Another'] } });
  new StatefulMcpServer(stack, 'Server', {
    code: McpServerCode.fromTypeScript(path.join(project({ 'server.ts': 'this does not compile' }), 'server.ts'), {
      packaging: Packaging.image(),
    }),
  });
  Template.fromStack(stack).resourceCountIs(RUNTIME, 1);
});
