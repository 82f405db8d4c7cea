import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server';

/**
 * Refuses a request that a web page of somebody else's made to a server on this machine (DNS rebinding), with 403.
 * Only for servers on loopback: elsewhere the name in `Host` is the platform's affair.
 */
export function refuseForeignPage(request: Request): Response | undefined {
  return (
    hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
    originValidationResponse(request, localhostAllowedOrigins())
  );
}
