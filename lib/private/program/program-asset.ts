import path from 'node:path';
import { AssetHashType, BundlingOutput, DockerImage, type ILocalBundling } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { statsOf } from '../common/file-path';
import type { ProgramBundle } from './program-bundle';
import { digestOf, writeFiles, type ProgramFile } from './program-files';

/**
 * Puts a bundle, as a zip file, into the bucket for assets. What a synthesis before has put into the cloud assembly is
 * known by its hash and stays.
 */
export function programAsset(scope: Construct, bundle: ProgramBundle): Asset {
  const output = new ProgramOutput(bundle.files);
  return new Asset(scope, 'Code', {
    path: existingFolder(bundle.projectRoot),
    assetHashType: AssetHashType.CUSTOM,
    assetHash: output.digest,
    bundling: {
      image: DockerImage.fromRegistry('not-used'),
      local: output,
      outputType: BundlingOutput.NOT_ARCHIVED,
    },
  });
}

/** The CDK wants one that exists; where the stack is not bundled, the project may not be there, or be a file. */
function existingFolder(folder: string): string {
  const isFolder = statsOf(folder)?.isDirectory() === true;
  return isFolder ? folder : existingFolder(path.dirname(folder));
}

/**
 * Writes a bundle that is already there: an error inside of `tryBundle` would reach the user wrapped in a second one.
 *
 * The CDK recognizes what it has staged before by the JSON of this object, which must have the digest alone in it.
 */
class ProgramOutput implements ILocalBundling {
  public readonly digest: string;
  public readonly tryBundle: ILocalBundling['tryBundle'];

  public constructor(files: readonly ProgramFile[]) {
    this.digest = digestOf(files);
    this.tryBundle = outputDir => {
      writeFiles(outputDir, files);
      return true;
    };
  }
}
