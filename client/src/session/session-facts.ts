import type { FetchLike } from '@modelcontextprotocol/client';
import { gatewayRegion, MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import { isPrivateWay, type Endpoint } from '../common/endpoint';

/** "Session endpoints" of the AgentCore developer guide: a URL of the session itself, which takes every verb. */
const SESSION_ENDPOINT_URL = 'x-amzn-bedrock-agentcore-runtime-session-endpoint-url';

/** What AgentCore says of a session beside the answers of its server. */
export interface SessionFacts {
  runtimeSessionId?: string;
  endpointUrl?: URL;
}

/** A way to a session by which its facts are learnt and told. */
export function knownSession(
  { fetch, endpoint }: { readonly fetch: FetchLike; readonly endpoint: Endpoint },
  facts: SessionFacts,
): FetchLike {
  return viaSessionEndpoint(heldByGateway(fetch, endpoint, facts), endpoint, facts);
}

/**
 * Learns the facts of a session from its answers, and sends what the invocation URL does not take (GET, also to resume
 * a stream, and DELETE) to the URL of the session itself, once it has one.
 */
function viaSessionEndpoint(fetch: FetchLike, endpoint: Endpoint, facts: SessionFacts): FetchLike {
  if (endpoint.runtime === undefined) {
    return fetch;
  }
  return async (url, init) => {
    const { endpointUrl } = facts;
    if (endpointUrl === undefined || (init?.method !== 'GET' && init?.method !== 'DELETE')) {
      const response = await fetch(url, init);
      facts.runtimeSessionId = response.headers.get(RUNTIME_SESSION_ID) ?? facts.runtimeSessionId;
      facts.endpointUrl = trusted(response.headers.get(SESSION_ENDPOINT_URL), endpoint.url) ?? facts.endpointUrl;
      return response;
    }
    const response = await fetch(endpointUrl, init);
    if (response.ok || response.status === 405) {
      return response;
    }
    // The port of the server need not be one that sessions open: then it is as if there were no such URL.
    await response.body?.cancel();
    delete facts.endpointUrl;
    return fetch(url, init);
  };
}

/** A gateway takes no shorter id of a session. */
const SHORTEST_SESSION_ID = 33;

/**
 * Names the session to a gateway, which holds it to one of two versions by this header. Of a new session the runtime
 * tells the id with its first answer.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-rules-session-stickiness.html
 */
function heldByGateway(fetch: FetchLike, { url: { hostname } }: Endpoint, facts: SessionFacts): FetchLike {
  if (gatewayRegion(hostname) === undefined) {
    return fetch;
  }
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    if (facts.runtimeSessionId !== undefined) {
      headers.set(RUNTIME_SESSION_ID, facts.runtimeSessionId);
    }
    const response = await fetch(url, { ...init, headers });
    const told = [RUNTIME_SESSION_ID, MCP_SESSION_ID].map(name => response.headers.get(name) ?? '');
    facts.runtimeSessionId ??= told.find(id => id.length >= SHORTEST_SESSION_ID);
    return response;
  };
}

/** The URL of a session that is offered, where credentials may go: to AgentCore, or to where they go anyway. */
export function trusted(offered: string | null | undefined, url: URL): URL | undefined {
  if (!offered || !URL.canParse(offered)) {
    return undefined;
  }
  const endpointUrl = new URL(offered);
  const [, platform] = /(\.amazonaws\.com(?:\.cn)?|\.api\.aws)$/.exec(url.hostname) ?? [];
  const isOurs = endpointUrl.hostname === url.hostname || (platform && endpointUrl.hostname.endsWith(platform));
  if (!isOurs || !isPrivateWay(endpointUrl)) {
    return undefined;
  }
  if (endpointUrl.pathname.replace(/\/+$/, '') === '') {
    endpointUrl.pathname = '/mcp';
  }
  return endpointUrl;
}
