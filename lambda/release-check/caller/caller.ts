import { bearer, sigV4, type Auth } from 'stateful-mcp-client';
import type { ReleaseCaller } from '../../../lib/private/release/release-check-contract';
import type { AwsCallPolicy } from '../aws/aws-calls';
import { clientSecret } from '../aws/client-secret';
import type { ReleaseLog } from '../common/release-log';
import { accessToken } from './access-token';
import type { AuthorizationServerAccess } from './discovery';

/** A caller with its credentials. */
export interface EquippedCaller {
  /** How findings name it. */
  readonly name: string;
  readonly auth: Auth;
}

export interface CallerParts {
  readonly access: AuthorizationServerAccess;
  readonly awsCalls: AwsCallPolicy;
  readonly log: ReleaseLog;
}

/**
 * Gets the credentials of a caller.
 *
 * @throws ReleaseCheckError `ERR_SECRET_UNREADABLE`, `ERR_TOKEN_REFUSED`, `ERR_TOKEN_UNAVAILABLE`
 */
export async function equip(caller: ReleaseCaller, { access, awsCalls, log }: CallerParts): Promise<EquippedCaller> {
  if (caller.kind === 'iam') {
    return { name: 'the role of the function', auth: sigV4() };
  }
  const secret = await clientSecret(caller, awsCalls, access.signal);
  log.hide(secret);
  const token = await accessToken(caller, secret, access);
  log.hide(token);
  return { name: `the client ${caller.clientId}`, auth: bearer(token) };
}
