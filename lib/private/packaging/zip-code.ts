import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { zipProblems } from '../program/bundle-limits';
import { constructError } from '../common/construct-error';
import { engineProblems } from '../program/node-engines';
import { programAsset } from '../program/program-asset';
import type { ProgramBundle, ZipStart } from '../program/program-bundle';
import { sourceOf } from '../program/program-metadata';
import type { RuntimeCode } from '../program/runtime-code';
import { allowSpans } from '../permissions/span-permissions';

/**
 * The only one that AgentCore Runtime provides:
 * https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html
 */
const NODE_VERSION = 22;

/** Ships a bundle as a zip file in the bucket for assets. */
export function zipCode(scope: Construct, bundle: ProgramBundle): RuntimeCode {
  const problems = [
    ...zipProblems(bundle.files),
    ...engineProblems(
      bundle.engines,
      NODE_VERSION,
      'use `Packaging.image()` with a base image of another version, or a version of the package for this one',
    ),
  ];
  if (problems.length > 0) {
    throw constructError(scope, ...problems);
  }
  const asset = programAsset(scope, bundle);
  return {
    artifact: artifactOf(asset, bundle.zipStart),
    usesServerKit: bundle.usesServerKit,
    source: sourceOf(bundle),
    grantTo: (role, runtimeName) => {
      if (bundle.sendsSpans) {
        allowSpans(scope, role, runtimeName);
      }
      role.addToPrincipalPolicy(
        new PolicyStatement({
          sid: 'FetchCode',
          actions: ['s3:GetObject'],
          resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
        }),
      );
      return [];
    },
  };
}

/**
 * The code asset, to the L2 an object in a bucket.
 *
 * Binding is left out: it would let the execution role read the whole bucket for assets, that is, the code of every
 * other stack, and it happens while the template is rendered, too late for aspects and validation plugins to see the
 * permission.
 */
function artifactOf(asset: Asset, { runtime, entryPoint }: ZipStart): AgentRuntimeArtifact {
  const location = { bucketName: asset.s3BucketName, objectKey: asset.s3ObjectKey };
  return Object.assign(AgentRuntimeArtifact.fromS3(location, runtime, entryPoint), { bind: () => undefined });
}
