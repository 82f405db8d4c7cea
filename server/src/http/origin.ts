import { hostHeaderValidationResponse, localhostAllowedHostnames } from '@modelcontextprotocol/server';
import { ServerKitError } from '../common/errors';
import { JsonRpcCode, jsonRpcError } from '../common/json-rpc';

const EXPOSED_HEADERS =
  'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, Retry-After, X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
const PREFLIGHT_SECONDS = '7200';

/** Who may call a server from a web page. */
export interface OriginGuard {
  /** Refuses a request of a third-party page with 403, answers a preflight, and lets everything else through. */
  respond(request: Request): Response | undefined;
  /** Lets the page that made the request read the response. */
  shared(request: Request, response: Response): Response;
}

/**
 * The protocol's check of `Origin`, against pages that reach a server behind the user's back (DNS rebinding). A request
 * without `Origin` is not of a page. `Host` is checked on loopback only: elsewhere the name is the platform's affair.
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function originGuard(onLoopback: boolean, allowedOrigins: readonly string[] = []): OriginGuard {
  const allowed = new Set(allowedOrigins.map(checkOrigin));
  const isAllowed = (origin: string): boolean => allowed.has(origin) || (onLoopback && isOfThisMachine(origin));
  return {
    respond(request) {
      const foreignHost = onLoopback ? hostHeaderValidationResponse(request, localhostAllowedHostnames()) : undefined;
      const origin = request.headers.get('origin');
      if (foreignHost || origin === null) {
        return foreignHost;
      }
      if (!isAllowed(origin)) {
        return jsonRpcError(
          403,
          JsonRpcCode.serverError,
          `Forbidden: pages of ${origin.slice(0, 200)} may not call this server; allow them with the \`allowedOrigins\` option of \`serve()\``,
        );
      }
      return isPreflight(request) ? preflight(request) : undefined;
    },
    shared(request, response) {
      const origin = request.headers.get('origin');
      if (origin === null) {
        return response;
      }
      response.headers.append('vary', 'Origin');
      if (isAllowed(origin)) {
        response.headers.set('access-control-allow-origin', origin);
        response.headers.set('access-control-expose-headers', EXPOSED_HEADERS);
      }
      return response;
    },
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method');
}

function preflight({ headers }: Request): Response {
  const wanted = headers.get('access-control-request-headers');
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, DELETE',
      // Tools may want parameters in headers of their own (`Mcp-Param-…`): the origin decides, and not the header.
      ...(wanted !== null && { 'access-control-allow-headers': wanted }),
      ...(headers.has('access-control-request-private-network') && { 'access-control-allow-private-network': 'true' }),
      'access-control-max-age': PREFLIGHT_SECONDS,
    },
  });
}

function isOfThisMachine(origin: string): boolean {
  return URL.canParse(origin) && localhostAllowedHostnames().includes(new URL(origin).hostname);
}

function checkOrigin(value: string): string {
  if (typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value) {
    return value;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`allowedOrigins\` must list origins as browsers send them, such as "https://chat.example.com", got ${JSON.stringify(value)}`,
  );
}
