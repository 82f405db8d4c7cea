import type { Deployment } from '../aws/deployment';
import { failed, firstLine, ok, warning, type Check, type Subject } from './check';

const NODE: Subject = { id: 'node', expected: 'Node.js 20.18.1 or newer' };
const CREDENTIALS: Subject = { id: 'credentials', expected: 'AWS credentials by the standard chain, not expired' };
const REGION: Subject = { id: 'region', expected: 'a Region, by the target or the environment' };
const OLDEST_NODE = [20, 18, 1] as const;
/** Credentials that end sooner than this end in the middle of something. */
const SOON_MS = 5 * 60_000;

export function nodeCheck(version = process.versions.node): Check {
  const parts = version.split('.').map(Number);
  const difference = OLDEST_NODE.map((least, index) => (parts[index] ?? 0) - least).find(step => step !== 0) ?? 0;
  return difference < 0 ? failed(NODE, version, 'install a newer Node.js') : ok(NODE, version);
}

/** Says whose keys they are by their last characters, never more. */
export async function credentialsCheck(): Promise<Check> {
  try {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    const { accessKeyId, expiration, sessionToken } = await defaultProvider()();
    const from = process.env.AWS_PROFILE ? `profile ${process.env.AWS_PROFILE}` : 'the standard chain';
    const found = `key …${accessKeyId.slice(-4)} by ${from}${sessionToken === undefined ? '' : ', temporary'}`;
    const leftMs = expiration && expiration.getTime() - Date.now();
    return leftMs !== undefined && leftMs < SOON_MS
      ? warning(
          CREDENTIALS,
          `${found}, until ${expiration?.toISOString()}`,
          'sign in again: `aws sso login`, `aws login`',
        )
      : ok(CREDENTIALS, found);
  } catch (error) {
    return failed(
      CREDENTIALS,
      firstLine(error),
      'run `aws sso login` or `aws login`, set AWS_PROFILE, or pass `--profile`',
    );
  }
}

export function regionCheck(deployment: Deployment | undefined): Check {
  const environment = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (deployment !== undefined) {
    return ok(REGION, `${deployment.region}, of the runtime`);
  }
  return environment
    ? ok(REGION, `${environment}, of the environment`)
    : warning(REGION, 'none in the environment', 'set AWS_REGION, or name what you call by its ARN, which has one');
}
