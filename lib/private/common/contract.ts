// The copy of the workspace `contract` that jsii can compile; test/contract/copy-of-lib.test.ts compares the two.

/** Seconds after which an idle session of the runtime ends: its `idleRuntimeSessionTimeout`. */
export const IDLE_TIMEOUT_VARIABLE = 'STATEFUL_MCP_IDLE_TIMEOUT_SECONDS';

/** Seconds that a session of the runtime lives at most: its `maxLifetime`. */
export const MAX_LIFETIME_VARIABLE = 'STATEFUL_MCP_MAX_LIFETIME_SECONDS';

/** The key, or two keys during a rotation, that request state is signed or encrypted with. */
export const REQUEST_STATE_KEY_VARIABLE = 'STATEFUL_MCP_REQUEST_STATE_KEY';

/** Port that a server of the kit listens on, where `serve()` is given none. */
export const PORT_VARIABLE = 'PORT';

/** Path at which a server of the kit serves MCP, where `serve()` is given none. */
export const PATH_VARIABLE = 'STATEFUL_MCP_PATH';

/** Metadata of a runtime's resource in the template: the program that its image starts. */
export const PROGRAM_METADATA_KEY = 'cdk-stateful-mcp:program';

/** Before the name of a runtime, the name of the parameter of AWS Systems Manager that tells what was verified of it. */
export const RELEASE_RECORD_PREFIX = '/stateful-mcp/release/';

/** Type of the metadata of a runtime in the cloud assembly, beside the template: what its bundle was made from. */
export const SOURCE_METADATA_TYPE = 'cdk-stateful-mcp:source';

/** Idle timeout of a runtime that names none: "Configure lifecycle settings" of the AgentCore developer guide. */
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 900;

/** Max lifetime of a runtime that names none: the same page. */
export const DEFAULT_MAX_LIFETIME_SECONDS = 28_800;

/** The shortest of both: `LifecycleConfiguration` in the service model of CreateAgentRuntime. */
export const SHORTEST_LIFECYCLE_SECONDS = 60;

/** The longest of both in a microVM, 8 hours: the page of the defaults. */
export const LONGEST_MICROVM_SECONDS = 28_800;

/** CreateAgentRuntime, `agentRuntimeName`. */
export const RUNTIME_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;

/** CreateAgentRuntime, `discoveryUrl`; both forms since November 2026. */
export const DISCOVERY_URL = /^[^\s?#]+\/\.well-known\/(openid-configuration|oauth-authorization-server)(\/[^\s?#]+)?$/;

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

/** The ports that a server may serve on, and that callers may reach: CreateAgentRuntime, `protocolConfiguration.port`. */
export const LOWEST_SERVER_PORT = 8000;
export const HIGHEST_SERVER_PORT = 12_000;

/** The platform's own among them: the same member. */
export const RESERVED_SERVER_PORT = 8443;

/** Where AgentCore calls an MCP server that says nothing else: "MCP protocol contract" of the developer guide. */
export const DEFAULT_MCP_PORT = 8000;
export const DEFAULT_MCP_PATH = '/mcp';

/** Where a server of any protocol is asked how it is: "service contract" of the developer guide. */
export const HEALTH_PATH = '/ping';

/** CreateAgentRuntime, `protocolConfiguration.path`. */
export const SERVER_PATH = /^\/[A-Za-z0-9._~/%-]{0,2047}$/;

/** CreateAgentRuntime, `hooksConfiguration`: the path of a hook. */
export const HOOK_PATH = /^\/[A-Za-z0-9._~/-]{0,31}$/;

/** Where a server of the kit is warmed up: the path of the hook that the construct sets. */
export const WARMUP_PATH = '/warmup';

/** CreateAgentRuntime, `allowedPorts`: how many ports and ranges. */
export const MOST_ALLOWED_PORTS = 5;

/**
 * The name of a repository in a registry, without the registry. This and the next two are the grammar of image
 * references in the OCI distribution specification 1.1.1, "Pulling manifests".
 */
export const REPOSITORY_NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:\\/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*';

/** A tag of an image. */
export const IMAGE_TAG = '\\w[\\w.-]{0,127}';

/** A digest of an image. */
export const IMAGE_DIGEST = 'sha256:[a-f0-9]{64}';

/** CreateAgentRuntime, `filesystemConfigurations`: where session storage is mounted. */
export const STORAGE_PATH = /^\/mnt\/[a-zA-Z0-9._-]+\/?$/;
