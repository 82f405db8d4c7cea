import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { withinLimits, zipProblems } from '../program/bundle-limits';
import { refuse } from '../common/construct-error';
import { engineProblems } from '../program/node-engines';
import { warnOfLibraries } from './library-warnings';
import { programAsset } from '../program/program-asset';
import type { ProgramBundle, ZipStart } from '../program/program-bundle';
import { sourceOf } from '../program/program-metadata';
import type { RuntimeCode } from '../program/runtime-code';
import { grantProgram } from '../permissions/program-permission';
import { grantingArtifact } from '../program/granting-artifact';

/**
 * The only one that AgentCore Runtime provides:
 * https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-supported-runtimes.html
 */
const NODE_VERSION = 22;

/** Ships a bundle as a zip file in the bucket for assets. */
export function zipCode(scope: Construct, whole: ProgramBundle): RuntimeCode {
  const bundle = withinLimits(whole, files => zipProblems(files));
  const problems = [
    ...zipProblems(bundle.files),
    ...engineProblems(
      bundle.engines,
      NODE_VERSION,
      'use `Packaging.image()` with a base image of another version, or a version of the package for this one',
    ),
  ];
  refuse(scope, problems);
  const remedy = '`Packaging.image()` with a `baseImage` that has them';
  warnOfLibraries(scope, bundle.files, 'and nothing says that AgentCore Runtime has', remedy);
  const asset = programAsset(scope, bundle);
  return {
    artifact: artifactOf(asset, bundle.zipStart),
    environment: bundle.zipStart.environment,
    usesServerKit: bundle.usesServerKit,
    sendsSpans: bundle.sendsSpans,
    source: sourceOf(bundle),
  };
}

/** The code asset, to the L2 an object in a bucket. */
function artifactOf(asset: Asset, { runtime, entryPoint }: ZipStart): AgentRuntimeArtifact {
  const location = { bucketName: asset.s3BucketName, objectKey: asset.s3ObjectKey };
  return grantingArtifact(AgentRuntimeArtifact.fromS3(location, runtime, entryPoint), role =>
    grantProgram(asset, role),
  );
}
