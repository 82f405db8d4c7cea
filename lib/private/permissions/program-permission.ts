import { Token } from 'aws-cdk-lib';
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Dependable } from 'constructs';
import { substituted } from '../common/substitution';
import { acknowledgeWildcards } from './acknowledged-findings';

/**
 * Lets a role read a program in the bucket for assets, and those that take its place.
 *
 * With the hash in the permission, each change of the code would be one of permissions, which has to be approved. An
 * earlier version that is still in use would lose its code.
 *
 * @param role - one whose statements go into a policy of ours
 */
export function grantProgram(asset: Asset, role: IRole): Grant[] {
  const programs = substituted(asset.bucket.arnForObjects(`${prefixOf(asset)}*.zip`));
  const grant = Grant.addToPrincipal({ grantee: role, actions: ['s3:GetObject'], resourceArns: [programs] });
  for (const policy of Dependable.of(grant).dependencyRoots) {
    acknowledgeWildcards(policy, {
      [programs]: 'programs are named by their hash, and a permission must not change whenever a program does',
    });
  }
  const { encryptionKey } = asset.bucket;
  return encryptionKey === undefined ? [grant] : [grant, encryptionKey.grantDecrypt(role)];
}

/** What the synthesizer of the stack puts before the names of all assets. */
function prefixOf({ assetHash, s3ObjectKey }: Asset): string {
  const name = `${assetHash}.zip`;
  return !Token.isUnresolved(s3ObjectKey) && s3ObjectKey.endsWith(name) ? s3ObjectKey.slice(0, -name.length) : '';
}
