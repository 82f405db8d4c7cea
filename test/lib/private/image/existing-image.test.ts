import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { McpServerCode } from '../../../../lib';
import { nagFindings } from '../../fixtures/cdk-nag';
import { errorOf, greetingServer, permissionsOf, propertiesOf, unbundledStack } from '../../fixtures/stacks';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function containerUri(stack: Stack): unknown {
  return (
    propertiesOf(stack, 'AWS::BedrockAgentCore::Runtime') as {
      AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: unknown } };
    }
  ).AgentRuntimeArtifact.ContainerConfiguration.ContainerUri;
}

describe('an image of a repository', () => {
  test.each([
    ['v1.2.3', ':v1.2.3'],
    [DIGEST, `@${DIGEST}`],
  ])('is named by %s, and may be pulled', (tagOrDigest, suffix) => {
    const stack = unbundledStack();
    const repository = new Repository(stack, 'Images');
    const server = greetingServer(stack, { code: McpServerCode.fromEcrRepository(repository, tagOrDigest) });
    const arn = stack.resolve(repository.repositoryArn) as unknown;
    expect(containerUri(stack)).toEqual(stack.resolve(`${repository.repositoryUri}${suffix}`));
    expect(permissionsOf(stack, server.role)).toMatchObject({
      'ecr:BatchGetImage': arn,
      'ecr:GetDownloadUrlForLayer': arn,
      'ecr:GetAuthorizationToken': '*',
    });
    expect(server.repository).toBeUndefined();
    expect(stack.resolve(server.imageUri)).toEqual(stack.resolve(`${repository.repositoryUri}${suffix}`));
    expect(nagFindings(server)).toEqual([]);
  });

  test('may be of another account that belongs to the app, and is allowed there', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const images = new Stack(app, 'Images', { env: { account: '111111111111', region: 'eu-west-1' } });
    const repository = new Repository(images, 'Images', { repositoryName: 'images' });
    const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'eu-west-1' } });
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    greetingServer(stack, { code: McpServerCode.fromEcrRepository(repository, 'v1'), role });
    Template.fromStack(images).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: {
        Statement: [Match.objectLike({ Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'] })],
      },
    });
  });

  test('may have a tag that is an unresolved token', () => {
    const stack = unbundledStack();
    const repository = new Repository(stack, 'Images');
    const tag = new CfnParameter(stack, 'Tag').valueAsString;
    greetingServer(stack, { code: McpServerCode.fromEcrRepository(repository, tag) });
    expect(containerUri(stack)).toEqual(stack.resolve(`${repository.repositoryUri}:${tag}`));
  });

  test.each(['', ' ', ':v1', '@sha256:0', 'sha256:0', `sha256:${'0'.repeat(65)}`, 'a'.repeat(129)])(
    'fails for the tag %j',
    tagOrDigest => {
      const stack = unbundledStack();
      expect(
        errorOf(() =>
          greetingServer(stack, {
            code: McpServerCode.fromEcrRepository(new Repository(stack, 'Images'), tagOrDigest),
          }),
        ),
      ).toBe(
        `[Stack/Server] \`tagOrDigest\` is ${JSON.stringify(tagOrDigest)}; a tag of letters, digits and "_.-", 128 at most, and "sha256:" with ` +
          '64 hexadecimal digits are allowed: correct it',
      );
    },
  );
});

describe.each<[string, (tag: string, stack: Stack) => McpServerCode]>([
  ['tagOrDigest', (tag, stack) => McpServerCode.fromEcrRepository(new Repository(stack, 'Images'), tag)],
  ['uri', tag => McpServerCode.fromImageUri(`${REGISTRY}/server${tag.startsWith('sha256:') ? '@' : ':'}${tag}`)],
])('`%s`', (prop, codeOf) => {
  test('with a tag that moves is taken, with a warning', () => {
    const stack = unbundledStack();
    greetingServer(stack, { code: codeOf('latest', stack) });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Server',
      Match.stringLikeRegexp(`^\`${prop}\` names the tag "latest", which moves.*cdk-stateful-mcp:mutableTag`),
    );
  });

  test.each(['v1', DIGEST])('with %s is taken without one', tag => {
    const stack = unbundledStack();
    greetingServer(stack, { code: codeOf(tag, stack) });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('mutableTag'));
  });
});

test('a digest decides, whatever the tag beside it', () => {
  const stack = unbundledStack();
  greetingServer(stack, { code: McpServerCode.fromImageUri(`${REGISTRY}/server:latest@${DIGEST}`) });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('mutableTag'));
});

describe('an image at a URI', () => {
  test.each([
    `${REGISTRY}/team/server:v1`,
    `${REGISTRY}/server@${DIGEST}`,
    `${REGISTRY}/server:v1@${DIGEST}`,
    '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/server:v1',
  ])('%s may be pulled from its repository', uri => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: McpServerCode.fromImageUri(uri) });
    const [, region, name] = /ecr\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(uri) ?? [];
    const arn = {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ecr:${region}:123456789012:repository/${name}`]],
    };
    expect([containerUri(stack), server.imageUri]).toEqual([uri, uri]);
    expect(permissionsOf(stack, server.role)).toMatchObject({
      'ecr:BatchGetImage': arn,
      'ecr:GetDownloadUrlForLayer': arn,
      'ecr:GetAuthorizationToken': '*',
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('in the public registry needs no permission', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: McpServerCode.fromImageUri('public.ecr.aws/team/server:v1') });
    expect(containerUri(stack)).toBe('public.ecr.aws/team/server:v1');
    expect(Object.keys(permissionsOf(stack, server.role)).filter(action => action.startsWith('ecr:'))).toEqual([]);
  });

  test('that is an unresolved token is taken, with a warning that nothing is granted', () => {
    const stack = unbundledStack();
    const uri = new CfnParameter(stack, 'Uri').valueAsString;
    const server = greetingServer(stack, { code: McpServerCode.fromImageUri(uri) });
    expect(containerUri(stack)).toEqual({ Ref: 'Uri' });
    expect(Object.keys(permissionsOf(stack, server.role)).filter(action => action.startsWith('ecr:'))).toEqual([]);
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Server',
      Match.stringLikeRegexp('use `McpServerCode.fromEcrRepository` with the repository.*imagePullNotGranted'),
    );
  });

  test.each([
    '',
    'server:v1',
    'docker.io/library/node:24',
    `${REGISTRY}/server`,
    `${REGISTRY}/Server:v1`,
    `${REGISTRY}/server@v1`,
    `https://${REGISTRY}/server:v1`,
  ])('fails for %j', uri => {
    expect(errorOf(() => greetingServer(unbundledStack(), { code: McpServerCode.fromImageUri(uri) }))).toMatch(
      /^\[Stack\/Server\] `uri` is .*; "\{account\}\.dkr\.ecr\.\{region\}\.amazonaws\.com\/\{repository\}" and .* are allowed/,
    );
  });
});
