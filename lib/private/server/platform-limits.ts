import { Stack } from 'aws-cdk-lib';
import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import { bytesOf } from './server-kit-environment';

/**
 * Bytes of names and values of the environment on platform version V2, which keeps them in its snapshot.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html
 */
const V2_ZIP_BYTES = 1536;
const V2_IMAGE_BYTES = 2560;

interface RuntimeProperties {
  readonly PlatformVersion?: unknown;
  readonly AgentRuntimeArtifact?: { readonly CodeConfiguration?: unknown };
  readonly EnvironmentVariables?: Readonly<Record<string, unknown>>;
}

/**
 * Refuses what a runtime of platform version V2 may not have. The version is a property of the L1 construct, or an
 * override of it in older versions of the CDK, so it is known when all is said.
 */
export function validatePlatform(scope: Construct, resource: CfnRuntime): void {
  scope.node.addValidation({ validate: () => v2Problems(propertiesOf(resource)) });
}

function v2Problems({ PlatformVersion, AgentRuntimeArtifact, EnvironmentVariables = {} }: RuntimeProperties): string[] {
  if (PlatformVersion !== 'V2') {
    return [];
  }
  const zip = AgentRuntimeArtifact?.CodeConfiguration !== undefined;
  const allowed = zip ? V2_ZIP_BYTES : V2_IMAGE_BYTES;
  const bytes = Object.entries(EnvironmentVariables).reduce((sum, [name, value]) => sum + bytesOf(name, value), 0);
  return bytes <= allowed
    ? []
    : [
        `\`environment\` holds ${bytes} bytes of names and values with those of the server kit; on platform version V2, ${allowed} are allowed with ${zip ? 'a zip file' : 'an image'}: ` +
          'move large values to an SSM parameter or an S3 object and pass its name',
      ];
}

function propertiesOf(resource: CfnRuntime): RuntimeProperties {
  const { Resources: resources } = Stack.of(resource).resolve(resource._toCloudFormation()) as {
    Resources: Record<string, { Properties?: RuntimeProperties }>;
  };
  return Object.values(resources)[0]?.Properties ?? {};
}
