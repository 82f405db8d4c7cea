// Names of HTTP headers, in lower case as Node.js gives them.

export const MCP_SESSION_ID = 'mcp-session-id';
export const MCP_PROTOCOL_VERSION = 'mcp-protocol-version';
export const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const RUNTIME_USER_ID = 'x-amzn-bedrock-agentcore-runtime-user-id';
/** AgentCore's own id of a request, by which its traces know it. */
export const RUNTIME_REQUEST_ID = 'x-amzn-bedrock-agentcore-runtime-request-id';

/** CreateAgentRuntime, `requestHeaderAllowlist`: names of headers, and how many. */
export const HEADER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,255}$/;
export const LONGEST_HEADER_ALLOWLIST = 20;

/** Prefix of the headers of callers that AgentCore had before it had allowlists. */
export const CUSTOM_HEADER_PREFIX = 'x-amzn-bedrock-agentcore-runtime-custom-';

/** Devguide, "header allowlist": headers that no runtime may name, in lower case. */
export const RESTRICTED_HEADERS: readonly string[] = `
  proxy-authorization www-authenticate accept accept-charset accept-encoding accept-language content-type content-length content-encoding content-language
  content-location content-range cache-control etag expires if-match if-modified-since if-none-match if-range if-unmodified-since last-modified pragma vary
  connection keep-alive proxy-connection upgrade host user-agent referer from range accept-ranges transfer-encoding te trailer server date location retry-after
  set-cookie cookie content-security-policy content-security-policy-report-only strict-transport-security x-content-type-options x-frame-options
  x-xss-protection referrer-policy permissions-policy cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy
  access-control-allow-origin access-control-allow-methods access-control-allow-headers access-control-allow-credentials access-control-expose-headers
  access-control-max-age access-control-request-method access-control-request-headers origin accept-ch accept-ch-lifetime dpr width viewport-width downlink
  ect rtt save-data clear-site-data feature-policy expect-ct public-key-pins public-key-pins-report-only via forwarded x-forwarded-for x-forwarded-host
  x-forwarded-proto x-real-ip x-requested-with x-csrf-token true-client-ip x-client-ip x-cluster-client-ip x-originating-ip x-source-ip x-original-url
  x-original-host x-rewrite-url cf-ray cf-connecting-ip x-amz-cf-id x-cache x-served-by link sec-websocket-key sec-websocket-accept sec-websocket-version
  sec-websocket-protocol sec-websocket-extensions
`
  .trim()
  .split(/\s+/);
