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
  const message = error instanceof Error ? error.message : String(error);
  return new StatefulMcpClientError(
    'ERR_SIGN_IN',
    `no token for ${serverUrl.href} could be had (${message}): ${adviceFor(error, message)}`,
    { cause: error },
  );
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
