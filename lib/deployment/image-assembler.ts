import { Size, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { construct } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { instanceOf, kindProblems, optional } from '../private/common/kinds';
import { customResourceId } from '../private/deployment/custom-resource-id';
import { DeploymentFunction } from '../private/deployment/deployment-function';
import type { DeploymentPolicies } from '../private/deployment/deployment-policies';
import { ASSEMBLER_ROLE } from '../private/permissions/role-warnings';
import type { DeploymentFunctionProps } from './deployment-function-props';

/**
 * The number is that of the contract between the construct and the function: another one is another function, and the
 * images that it assembles need other ids.
 */
const DEFAULT_ID = 'StatefulMcpImageAssemblerV1';

const OWN_ID =
  'give what has this id in the stack another one, or name an assembler by `Packaging.image({ assembler })`';

/**
 * Properties of an `ImageAssembler`.
 */
export interface ImageAssemblerProps extends DeploymentFunctionProps {
  /**
   * The role of the function. One of your own must trust `lambda.amazonaws.com`, and gets inline policies beside those
   * that it has; one that may not be changed gets none. A warning says so in both cases.
   *
   * It needs to write the log group, `ecr:GetAuthorizationToken`, `s3:GetObject` on the bucket for assets, and to push
   * to the repositories of the servers. Their names begin with that of their stack. In a VPC it also needs to manage
   * network interfaces.
   *
   * @default - a role with these permissions and no others
   */
  readonly role?: IRole;

  /**
   * The VPC that the function runs in. From there it must reach Amazon S3, Amazon ECR, the registries of the base
   * images, and CloudFormation's bucket for responses. It does so by a NAT gateway, or by endpoints and a base image in
   * Amazon ECR.
   *
   * @default - the function is in no VPC, and reaches the internet
   */
  readonly vpc?: IVpc;
}

/**
 * The function that assembles the images of servers during a deployment, for `Packaging.image()`.
 *
 * Each stack with such a server gets one. In an account with rules of its own, make one for the whole app, and name it
 * in `Packaging.image({ assembler })`. Give it the role, the network, the key and the log retention that the rules ask
 * for. Servers of other stacks may use it, in the same account and Region.
 */
export class ImageAssembler extends Construct {
  /**
   * The one of a stack, for servers whose packaging names none. It is made when it is asked for first.
   *
   * @param scope - any construct of the stack
   */
  public static of(scope: Construct): ImageAssembler {
    refuse(undefined, kindProblems({ scope }, { scope: construct }));
    const stack = Stack.of(scope);
    const found = stack.node.tryFindChild(DEFAULT_ID);
    refuse(stack, optional(instanceOf('ImageAssembler', () => ImageAssembler, OWN_ID, []))(found, DEFAULT_ID));
    // eslint-disable-next-line cdk/no-variable-construct-id -- it is looked up by the same id
    return (found as ImageAssembler | undefined) ?? new ImageAssembler(stack, DEFAULT_ID);
  }

  /**
   * The function.
   */
  public readonly function: Function;

  /**
   * The role of the function.
   */
  public readonly role: IRole;

  private readonly policies: DeploymentPolicies;

  public constructor(scope: Construct, id: string, props?: ImageAssemblerProps) {
    super(scope, id);

    const made = new DeploymentFunction(this, props, {
      handler: 'image-assembler',
      description: 'Assembles the container images of MCP servers during deployments',
      use: ASSEMBLER_ROLE,
      // The zipped application and the layer that is made of it, each as large as an image may be.
      ephemeralStorageSize: Size.gibibytes(4),
      statements: [
        new PolicyStatement({ sid: 'ECRTokenAccess', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
      ],
      wildcards: { '*': 'ecr:GetAuthorizationToken and network interfaces to be have no resources' },
      purpose: 'Images',
    });
    this.function = made.function;
    this.role = made.role;
    this.policies = made.policies;
  }

  /**
   * The id of an image that this assembles for a server.
   *
   * @internal
   */
  public _imageId(server: Construct): string {
    return customResourceId('Image', server, this, DEFAULT_ID);
  }

  /**
   * The role, for grants of what the image of a server needs.
   *
   * @internal
   */
  public _roleFor(server: Construct): IRole {
    return this.policies.roleFor(server);
  }
}
