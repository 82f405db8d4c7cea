import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AssetHashType, BundlingOutput, DockerImage, type ILocalBundling } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { PROGRAM_ENTRY, type ProgramBundle, type ProgramFile } from './program-bundle';
import type { RuntimeCode } from './runtime-code';

/** Ships a bundle as a zip file in the bucket for assets. */
export function zipCode(scope: Construct, bundle: ProgramBundle): RuntimeCode {
  // eslint-disable-next-line cdk/require-passing-this -- the asset belongs to the server, which asks for it here
  const asset = new Asset(scope, 'Code', {
    path: bundle.projectRoot,
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('not-used'),
      local: new ProgramOutput(bundle.files),
      outputType: BundlingOutput.NOT_ARCHIVED,
    },
  });
  return {
    artifact: artifactOf(asset),
    grantFetch: role => role.addToPrincipalPolicy(new PolicyStatement({
      sid: 'FetchCode',
      actions: ['s3:GetObject'],
      resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
    })),
  };
}

/**
 * Writes a bundle that is already there: an error inside of `tryBundle` would reach the user wrapped in a second one.
 *
 * The CDK recognizes what it has staged before by the JSON of this object, hence the digest in place of the contents.
 */
class ProgramOutput implements ILocalBundling {
  public readonly digest: string;
  readonly #files: readonly ProgramFile[];

  constructor(files: readonly ProgramFile[]) {
    this.#files = files;
    this.digest = files.reduce((hash, file) => hash.update(file.contents), createHash('sha256')).digest('hex');
  }

  public tryBundle(outputDir: string): boolean {
    for (const { name, contents } of this.#files) {
      const file = path.join(outputDir, name);
      writeFileSync(file, contents);
      // The zip file carries the modes, and the runtime wants 644 whatever the umask of this machine.
      chmodSync(file, 0o644);
    }
    return true;
  }
}

/**
 * The code asset, to the L2 an object in a bucket.
 *
 * Binding is left out: it would let the execution role read the whole bucket for assets, that is, the code of every other stack,
 * and it happens while the template is rendered, too late for aspects and validation plugins to see the permission.
 */
function artifactOf(asset: Asset): AgentRuntimeArtifact {
  const location = { bucketName: asset.s3BucketName, objectKey: asset.s3ObjectKey };
  return Object.assign(AgentRuntimeArtifact.fromS3(location, AgentCoreRuntime.NODE_22, [PROGRAM_ENTRY]), { bind: () => undefined });
}
