import {
  AuthorizationServerMismatchError,
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  RegistrationRejectedError,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';

/** Makes what goes wrong on the way to a token into the error of this package. */
export function signInError(error: unknown, serverUrl: URL): unknown {
  if (error instanceof StatefulMcpClientError) {
    return error;
  }
  const message = textOf(error);
  return new StatefulMcpClientError(
    'ERR_SIGN_IN',
    `no token for ${serverUrl.href} could be had (${message}): ${adviceFor(error, message)}`,
    { cause: error },
  );
}

/** The schemas of the SDK say what does not fit as JSON of many lines; the first of it says enough. */
function textOf(error: unknown): string {
  const { issues: [issue] = [] } = error as { issues?: { path: PropertyKey[]; message: string }[] };
  if (issue !== undefined) {
    return `\`${issue.path.join('.')}\`: ${issue.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function adviceFor(error: unknown, message: string): string {
  if (error instanceof RegistrationRejectedError || /dynamic (client )?registration/i.test(message)) {
    return 'its authorization server registers no clients by itself: register one there, and pass `clientId`';
  }
  if (error instanceof IssuerMismatchError || error instanceof AuthorizationServerMismatchError) {
    return 'somebody else than the authorization server of before answered; if that is right, sign out and sign in again';
  }
  if (error instanceof InsecureTokenEndpointError) {
    return 'tokens must travel by https';
  }
  if (error instanceof OAuthError) {
    return 'check `clientId`, `clientSecret` and `scopes`, and what the client is registered for';
  }
  if (error instanceof TypeError) {
    return 'the authorization server could not be reached: check the network, and what the server says of it';
  }
  return 'check what the server and its authorization server say of themselves';
}

/** What an authorization server, or the person whom it asks, says to a scope that is not granted. */
const NOT_GRANTED: readonly string[] = ['access_denied', 'invalid_scope'];

/** Names the scopes in what goes wrong on the way to a token that has more of them; `code` is that of the error. */
export function stepUpError(
  error: unknown,
  { href }: URL,
  scope: string | undefined,
): { readonly code?: string; readonly error: unknown } {
  if (!(error instanceof StatefulMcpClientError)) {
    return { error };
  }
  const needed = `${href} needs the scope \`${scope ?? '(not named)'}\` for this`;
  const { cause } = error;
  if (cause instanceof OAuthError && NOT_GRANTED.includes(cause.code)) {
    const code = 'ERR_INSUFFICIENT_SCOPE';
    const text = `${needed}, which was not granted (${cause.code}): allow it to the client or the user`;
    return { code, error: new StatefulMcpClientError(code, text, { cause: error, httpStatus: 403 }) };
  }
  if (error.code === 'ERR_SIGN_IN_REQUIRED') {
    const text = `${needed}, and nobody is there to sign in for it: call \`signIn()\` of an oauth() with it in \`scopes\``;
    return {
      code: error.code,
      error: new StatefulMcpClientError(error.code, text, { cause: error, data: { scope } }),
    };
  }
  return { code: error.code, error };
}
