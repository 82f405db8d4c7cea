import { Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { BaseImage, McpServerCode, Packaging, type ImagePackagingOptions } from '../../../lib';
import { errorOf, greetingServer, GREETING_SERVER, propertiesOf, unbundledStack } from '../fixtures/stacks';
const ASSEMBLY = 'Custom::ImageAssembly';

function inImage(options?: ImagePackagingOptions): McpServerCode {
  return McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image(options) });
}

describe('the base image', () => {
  test.each([
    'public.ecr.aws/docker/library/node:22-slim',
    `public.ecr.aws/docker/library/node@sha256:${'0'.repeat(64)}`,
    'registry.example.com:5000/team/node:24',
    'node:24',
    `node:24@sha256:${'0'.repeat(64)}`,
  ])('may be %s', reference => {
    const stack = unbundledStack();
    greetingServer(stack, { code: inImage({ baseImage: BaseImage.fromRegistry(reference) }) });
    expect(propertiesOf(stack, ASSEMBLY)).toMatchObject({ baseImage: reference });
  });

  test('may be in a private repository, which the function may pull from', () => {
    const stack = unbundledStack();
    const repository = new Repository(stack, 'Base');
    greetingServer(stack, { code: inImage({ baseImage: BaseImage.fromEcrRepository(repository, '24') }) });
    expect(propertiesOf(stack, ASSEMBLY)).toMatchObject({
      baseImage: stack.resolve(`${repository.repositoryUri}:24`) as unknown,
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('ImageAssembler') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: [
              'ecr:BatchCheckLayerAvailability',
              'ecr:BatchGetImage',
              'ecr:BatchImportUpstreamImage',
              'ecr:GetDownloadUrlForLayer',
            ],
            Resource: stack.resolve(repository.repositoryArn) as unknown,
          }),
        ]),
      },
    });
  });

  test('may be in a private repository, by its digest', () => {
    const stack = unbundledStack();
    const repository = new Repository(stack, 'Base');
    const digest = `sha256:${'0'.repeat(64)}`;
    greetingServer(stack, { code: inImage({ baseImage: BaseImage.fromEcrRepository(repository, digest) }) });
    expect(propertiesOf(stack, ASSEMBLY)).toMatchObject({
      baseImage: stack.resolve(`${repository.repositoryUri}@${digest}`) as unknown,
    });
  });

  test.each([
    '',
    'Node:24',
    'node',
    'node:',
    'registry.example.com:5000/team/node',
    'node@24',
    'https://example.com/node',
    'node:24 slim',
    `node@sha256:${'0'.repeat(63)}`,
    'Team/node:24',
    'example.com./node:24',
    'example..com/node:24',
    'example.com:65536/node:24',
    '300.0.0.1/node:24',
  ])('%j is refused', reference => {
    expect(
      errorOf(() =>
        greetingServer(unbundledStack(), { code: inImage({ baseImage: BaseImage.fromRegistry(reference) }) }),
      ),
    ).toBe(
      `[Stack/Server] \`reference\` is ${JSON.stringify(reference)}; "registry/repository:tag" and "registry/repository@sha256:" with ` +
        '64 hexadecimal digits are allowed: correct it',
    );
  });

  test.each([
    '123456789012.dkr.ecr.us-east-1.amazonaws.com/node:24',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com:443/node:24',
    '123456789012.DKR.ECR.us-east-1.amazonaws.com/node:24',
  ])('in a private repository is refused without the repository: %s', reference => {
    expect(
      errorOf(() =>
        greetingServer(unbundledStack(), { code: inImage({ baseImage: BaseImage.fromRegistry(reference) }) }),
      ),
    ).toContain('use `BaseImage.fromEcrRepository`, which grants the pull');
  });

  test.each(['', 'two words', 'sha256:0', 'a'.repeat(129)])(
    'in a private repository with the tag %j is refused',
    tag => {
      const stack = unbundledStack();
      const baseImage = BaseImage.fromEcrRepository(new Repository(stack, 'Base'), tag);
      expect(errorOf(() => greetingServer(stack, { code: inImage({ baseImage }) }))).toMatch(
        /^\[Stack\/Server\] `tagOrDigest` is /,
      );
    },
  );
});
