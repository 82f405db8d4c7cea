import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { McpServerCode, Packaging, type ImagePackagingOptions } from '../../../../lib';
import { greetingServer, GREETING_SERVER, propertiesOf, unbundledStack } from '../../fixtures/stacks';
const REPOSITORY = 'AWS::ECR::Repository';

function inImage(options?: ImagePackagingOptions): McpServerCode {
  return McpServerCode.fromTypeScript(GREETING_SERVER, { packaging: Packaging.image(options) });
}

describe('the repository', () => {
  test('is scanned, has immutable tags, keeps more images than there can be versions, and stays when the server goes, unless it was never made', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack, { code: inImage() });
    Template.fromStack(stack).hasResource(REPOSITORY, {
      Properties: {
        ImageScanningConfiguration: { ScanOnPush: true },
        ImageTagMutability: 'IMMUTABLE',
        EncryptionConfiguration: Match.absent(),
        EmptyOnDelete: true,
      },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    const { LifecyclePolicy } = propertiesOf(stack, REPOSITORY) as { LifecyclePolicy: { LifecyclePolicyText: string } };
    expect(JSON.parse(LifecyclePolicy.LifecyclePolicyText)).toMatchObject({
      rules: [
        {
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 2000 },
          action: { type: 'expire' },
        },
      ],
    });
    expect(server.repository).toBe(server.node.findChild('Repository'));
  });

  test.each([
    [RemovalPolicy.DESTROY, 'Delete', true],
    [RemovalPolicy.RETAIN, 'Retain', false],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', true],
  ])('with the removal policy %s', (removalPolicy, deletionPolicy, emptyOnDelete) => {
    const stack = unbundledStack();
    greetingServer(stack, { code: inImage({ removalPolicy }) });
    Template.fromStack(stack).hasResource(REPOSITORY, {
      DeletionPolicy: deletionPolicy,
      Properties: { EmptyOnDelete: emptyOnDelete },
    });
  });

  test('can have a key of its own', () => {
    const stack = unbundledStack();
    const encryptionKey = new Key(stack, 'Key');
    greetingServer(stack, { code: inImage({ encryptionKey }) });
    Template.fromStack(stack).hasResourceProperties(REPOSITORY, {
      EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: stack.resolve(encryptionKey.keyArn) as unknown },
    });
  });

  test('is not there for a zip file', () => {
    const stack = unbundledStack();
    const server = greetingServer(stack);
    expect([server.repository, server.imageUri]).toEqual([undefined, undefined]);
    Template.fromStack(stack).resourceCountIs(REPOSITORY, 0);
  });
});
