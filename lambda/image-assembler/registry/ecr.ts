import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { ecrRegionOf } from '../../../lib/private/image/ecr-registry';
import { ImageAssemblyError } from '../common/failures';
import type { CredentialsSource, RegistryCredentials } from './registry-authorization';
import { TransientFailure } from '../../common/retry';
import { calling } from '../../common/sdk-failure';

/** Whether a registry is a private one of Amazon ECR: the public one is read without credentials. */
export function isEcr(registry: string): boolean {
  return ecrRegionOf(registry) !== undefined;
}

/**
 * A token is good for 12 hours:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
const EXPIRY_MARGIN_MS = 5 * 60_000;

/**
 * The credentials for a registry of Amazon ECR, in the Region that its name tells; undefined for any other registry.
 */
export function ecrCredentials(registry: string): CredentialsSource | undefined {
  const region = ecrRegionOf(registry);
  if (region === undefined) {
    return undefined;
  }
  const ecr = new ECRClient({ region });
  let known: { readonly credentials: RegistryCredentials; readonly usableUntil: number } | undefined;
  return async ({ renew, signal }) => {
    if (known === undefined || renew || known.usableUntil < Date.now()) {
      known = await getAuthorizationToken(ecr, registry, signal);
    }
    return known.credentials;
  };
}

async function getAuthorizationToken(
  ecr: ECRClient,
  registry: string,
  signal: AbortSignal,
): Promise<{ credentials: RegistryCredentials; usableUntil: number }> {
  const { authorizationData } = await calling(() =>
    ecr.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal }),
  ).catch((error: unknown) => {
    throw error instanceof TransientFailure ? error : denied(registry, error);
  });
  const { authorizationToken = '', expiresAt } = authorizationData?.[0] ?? {};
  const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString().split(':');
  return { credentials: { username, password }, usableUntil: (expiresAt?.getTime() ?? Date.now()) - EXPIRY_MARGIN_MS };
}

function denied(registry: string, cause: unknown): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_REPOSITORY_DENIED',
    `no credentials for ${registry} (${cause instanceof Error ? cause.message : String(cause)}): ` +
      'grant the role of the function `ecr:GetAuthorizationToken`',
    { cause },
  );
}
