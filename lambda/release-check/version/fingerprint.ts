import { createHash } from 'node:crypto';
import type { DescribedVersion } from '../aws/control-plane';
import { canonicalJson } from '../common/canonical-json';

/** What says nothing of how a version behaves. All else does, what the service will add to it included. */
const PASSING = new Set([
  'agentRuntimeVersion',
  'status',
  'failureReason',
  'createdAt',
  'lastUpdatedAt',
  'description',
  'workloadIdentityDetails',
]);

/** What the CDK puts into the keys of its assets. */
const CONTENT_HASH = /[a-f0-9]{64}/;

/** What a version is made of. */
export interface Fingerprint {
  /** SHA-256 of it, in hexadecimal digits. */
  readonly hash: string;
  /** Image digest or S3 key of the program. */
  readonly artifact: string;
  /**
   * Whether the artifact is named by its content. What a tag or a key of one's own leads to can change, so that two
   * versions of the same tag need not be alike.
   */
  readonly isPinned: boolean;
}

interface Artifact {
  readonly containerConfiguration?: { readonly containerUri?: string };
  readonly codeConfiguration?: {
    readonly code?: { readonly s3?: { readonly prefix?: string; readonly versionId?: string } };
  };
}

/** Tells versions apart by what they are made of: two of the same fingerprint behave alike. */
export function fingerprintOf({ document }: DescribedVersion): Fingerprint {
  const made = Object.fromEntries(Object.entries(document).filter(([name]) => !PASSING.has(name)));
  const { containerConfiguration, codeConfiguration } = (document.agentRuntimeArtifact ?? {}) as Artifact;
  const image = containerConfiguration?.containerUri;
  const { prefix = '', versionId } = codeConfiguration?.code?.s3 ?? {};
  return {
    hash: createHash('sha256').update(canonicalJson(made)).digest('hex'),
    artifact: image === undefined ? prefix : image.replace(/^.*@/, ''),
    isPinned: image === undefined ? versionId !== undefined || CONTENT_HASH.test(prefix) : /@sha256:/.test(image),
  };
}
