import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { refuse } from '../common/construct-error';
import type { StorageConfig } from './storage-problems';

/** `S3BucketMountConfiguration` of CreateAgentRuntime. */
const PREFIX = /^[a-zA-Z0-9{][a-zA-Z0-9!_.*'()/{}-]{0,1023}$/;

/** The one thing that braces may hold. */
const SESSION_ID = '{runtimeSessionId}';

/** Objects of a bucket, and the permissions for them and no others. */
export function bucketStorage(
  scope: Construct,
  bucket: IBucket,
  { mountPath, prefix }: { readonly mountPath: string; readonly prefix?: string },
): StorageConfig {
  refuse(scope, prefix === undefined ? [] : prefixProblems(prefix));
  const keys = prefix === undefined ? '*' : `${prefix.replaceAll(SESSION_ID, '*')}*`;
  const objects = bucket.arnForObjects(keys);
  const key = bucket.encryptionKey;
  return {
    member: 'S3BucketMount',
    mountPath,
    properties: {
      Bucket: bucket.bucketName,
      ...(prefix !== undefined && { Prefix: prefix }),
      ...elsewhere(scope, bucket),
    },
    policyStatements: [
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        ...(prefix !== undefined && { conditions: { StringLike: { 's3:prefix': [keys] } } }),
      }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
        resources: [objects],
      }),
      ...(key === undefined
        ? []
        : [new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] })]),
    ],
    wildcardReasons: { [objects]: 'the names of the files that a session makes are its own affair' },
  };
}

function prefixProblems(prefix: string): string[] {
  if (Token.isUnresolved(prefix)) {
    return ['`prefix` is a token; the permissions are made of it: give it as text'];
  }
  if (!PREFIX.test(prefix)) {
    const shown = prefix.length > 100 ? `a string of ${prefix.length} characters` : JSON.stringify(prefix);
    return [
      `\`prefix\` is ${shown}; 1 to 1024 letters, digits and !_.*'()/{}- are allowed, with a letter, a digit or { first: give one such as "sessions/${SESSION_ID}/"`,
    ];
  }
  return /[{}]/.test(prefix.replaceAll(SESSION_ID, ''))
    ? [`\`prefix\` is ${JSON.stringify(prefix)}; braces may hold ${SESSION_ID} alone: write it so, or leave them out`]
    : [];
}

/** The service expects a bucket of the account and Region of the runtime, unless it is told another one. */
function elsewhere(scope: Construct, bucket: IBucket): Readonly<Record<string, string>> {
  const { account, region } = Stack.of(scope);
  const differs = (one: string, other: string): boolean =>
    !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
  return {
    ...(differs(bucket.env.account, account) && { S3BucketOwner: bucket.env.account }),
    ...(differs(bucket.env.region, region) && { S3BucketRegion: bucket.env.region }),
  };
}
