import path from 'node:path';
import { Duration, RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** At the same depth below the sources and below what is published. */
const HANDLER = path.join(__dirname, '..', '..', '..', 'assets', 'image-assembler');

const ID = 'StatefulMcpImageAssembler';

/** The longest that a function can run: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const TIMEOUT = Duration.minutes(15);

/**
 * The function that assembles images during a deployment, one for all servers of a stack.
 *
 * Its role may write its log and get a token for Amazon ECR. What it may do with the token, each image adds.
 */
export class ImageAssembler extends Construct {
  /** The one of the stack that a construct is in. */
  public static of(scope: Construct): ImageAssembler {
    const stack = Stack.of(scope);
    // eslint-disable-next-line cdk/no-variable-construct-id -- it is looked up by the same id
    return (stack.node.tryFindChild(ID) as ImageAssembler | undefined) ?? new ImageAssembler(stack, ID);
  }

  public readonly function: Function;

  private constructor(scope: Construct, id: string) {
    super(scope, id);

    const logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({ sid: 'ECRTokenAccess', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    );

    this.function = new Function(this, 'Function', {
      description: 'Assembles the container images of MCP servers during deployments',
      code: Code.fromAsset(HANDLER),
      handler: 'index.handler',
      // The constant would raise the version of the CDK that is needed.
      runtime: new Runtime('nodejs22.x', RuntimeFamily.NODEJS),
      architecture: Architecture.ARM_64,
      // One whole CPU for hashing and compressing:
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
      memorySize: 1769,
      timeout: TIMEOUT,
      // The zipped application and the layer that is made of it, each as large as an image may be.
      ephemeralStorageSize: Size.gibibytes(4),
      role,
      logGroup,
    });

    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken has no resources',
    });
    Validations.of(this.function).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'the handler is built for and tested with the Node.js version that the function names',
    });
  }
}
