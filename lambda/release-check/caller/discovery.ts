import { DowngradeError, urlAfter } from '../../common/encrypted-url';
import { CertificateError, readBody, type HttpResponse, type HttpTransport } from '../../common/http-transport';
import { parseRetryAfter, TransientFailure, withRetries, type RetryPolicy } from '../../common/retry';
import { ReleaseCheckError } from '../common/failures';

const IDLE_TIMEOUT_MS = 20_000;

/** How an authorization server is spoken with. */
export interface AuthorizationServerAccess {
  readonly transport: HttpTransport;
  readonly retries: RetryPolicy;
  readonly signal: AbortSignal;
}

/** What a discovery document says of the place where tokens come from. */
export interface TokenEndpoint {
  readonly url: URL;
  /** Whether the client shows who it is in the body instead of a header. */
  readonly inBody: boolean;
}

/** OpenID Connect Discovery 1.0 and RFC 8414. */
interface DiscoveryDocument {
  readonly token_endpoint?: unknown;
  readonly token_endpoint_auth_methods_supported?: unknown;
}

/**
 * Finds the token endpoint in the discovery document of an authorizer.
 *
 * @throws ReleaseCheckError `ERR_TOKEN_REFUSED`, `ERR_TOKEN_UNAVAILABLE`
 */
export async function discoverTokenEndpoint(
  discoveryUrl: string,
  access: AuthorizationServerAccess,
): Promise<TokenEndpoint> {
  const from = new URL(discoveryUrl);
  const { status, body } = await askAuthorizationServer(access, { method: 'GET', url: from });
  const document = status === 200 ? (parsed(body) as DiscoveryDocument | undefined) : undefined;
  const endpoint = document?.token_endpoint;
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) {
    throw new ReleaseCheckError(
      'ERR_TOKEN_REFUSED',
      `the discovery document ${discoveryUrl} names no \`token_endpoint\` (status ${status}): correct the authorizer's \`discoveryUrl\``,
    );
  }
  const methods = document?.token_endpoint_auth_methods_supported;
  // A header is what servers take that say nothing (RFC 8414).
  const inBody = Array.isArray(methods) && !methods.includes('client_secret_basic');
  return { url: encrypted(from, endpoint), inBody };
}

/** A secret goes to no place without encryption that a document with it names. */
function encrypted(from: URL, endpoint: string): URL {
  try {
    return urlAfter(from, endpoint);
  } catch (error) {
    throw error instanceof DowngradeError
      ? new ReleaseCheckError(
          'ERR_TOKEN_REFUSED',
          `the discovery document ${from.href} names a \`token_endpoint\` without encryption: ${error.message}; correct the authorizer's \`discoveryUrl\``,
          { cause: error },
        )
      : error;
  }
}

export interface AuthorizationServerRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/**
 * Sends a request, again where the server could not answer for now.
 *
 * @throws ReleaseCheckError `ERR_TOKEN_UNAVAILABLE` when it never could
 */
export async function askAuthorizationServer(
  { transport, retries, signal }: AuthorizationServerAccess,
  request: AuthorizationServerRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    return await withRetries(retries, signal, async () => {
      const response = await transport.send({ ...request, idleTimeoutMs: IDLE_TIMEOUT_MS, signal });
      const body = (await readBody(response)).toString();
      if (response.status === 429 || response.status >= 500) {
        throw unavailable(response);
      }
      return { status: response.status, body };
    });
  } catch (error) {
    if (error instanceof TransientFailure || error instanceof CertificateError) {
      throw new ReleaseCheckError(
        'ERR_TOKEN_UNAVAILABLE',
        `the authorization server could not be asked: ${error.message}`,
        { cause: error },
      );
    }
    throw error;
  }
}

function unavailable({ request, status, headers }: HttpResponse): TransientFailure {
  return new TransientFailure(`${request} answered ${status}`, {
    status,
    retryAfterMs: parseRetryAfter(headers['retry-after']),
  });
}

export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
