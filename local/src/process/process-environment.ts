import {
  IDLE_TIMEOUT_VARIABLE,
  LONGEST_LIFECYCLE_SECONDS,
  MAX_LIFETIME_VARIABLE,
  PATH_VARIABLE,
  REQUEST_STATE_KEY_VARIABLE,
  SHORTEST_LIFECYCLE_SECONDS,
} from 'stateful-mcp-contract';
import type { RuntimeDefinition } from '../model/runtime-definition';

/**
 * What a program needs to start at all, and what the AWS SDKs need to find the credentials of the user.
 */
const FROM_PARENT = [
  'PATH',
  'HOME',
  'TMPDIR',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
];
const CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
];

/** What differs from one process of a runtime to the next, and from one run to the next. */
export interface ProcessPlace {
  readonly port: number;
  /** Base64; the same for all processes of a runtime. */
  readonly requestStateKey: string;
}

/**
 * The whole environment of a server process. The template's variables, and only these besides:
 *
 * - `PATH`, `HOME`, `TMPDIR` and the AWS credential variables of this program
 * - `AWS_REGION` of the runtime's stack
 * - `STATEFUL_MCP_REQUEST_STATE_KEY`: the key that signs request state, the same for all processes of a runtime
 * - `STATEFUL_MCP_IDLE_TIMEOUT_SECONDS` and `STATEFUL_MCP_MAX_LIFETIME_SECONDS`: so that a server on the kit ends its
 *   sessions no earlier than here
 * - `STATEFUL_MCP_PATH`, where its runtime says another path than that of the protocol
 * - with tables, `AWS_ENDPOINT_URL_DYNAMODB`, and made-up credentials when neither this program nor the template names
 *   any: the embedded server accepts every signature but needs one
 * - `STATEFUL_MCP_LOCAL_RUNTIME`: the same for all servers of this program, by which they are found when it was killed
 * - `HOST` and `PORT`: where the server has to listen. The template cannot override these two.
 */
export function processEnvironment(runtime: RuntimeDefinition, place: ProcessPlace): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of FROM_PARENT) {
    const value = process.env[name];
    if (value !== undefined) {
      inherited[name] = value;
    }
  }
  const tables: Record<string, string> =
    runtime.tablesEndpoint === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: runtime.tablesEndpoint };
  const environment: Record<string, string> = {
    ...inherited,
    AWS_REGION: runtime.region,
    // A key that exists only on AWS is left there: each runtime has one of its own here.
    [REQUEST_STATE_KEY_VARIABLE]: place.requestStateKey,
    [IDLE_TIMEOUT_VARIABLE]: wholeSeconds(runtime.idleTimeoutSeconds),
    [MAX_LIFETIME_VARIABLE]: wholeSeconds(runtime.maxLifetimeSeconds),
    ...(runtime.features.path !== undefined && { [PATH_VARIABLE]: runtime.features.path }),
    ...tables,
    ...runtime.environment,
    HOST: '127.0.0.1',
    PORT: String(place.port),
  };
  if (runtime.tablesEndpoint !== undefined && !CREDENTIALS.some(name => name in environment)) {
    environment.AWS_ACCESS_KEY_ID = 'local';
    environment.AWS_SECRET_ACCESS_KEY = 'local';
  }
  return environment;
}

/**
 * From a minute to 14 days, as on AgentCore; a lifecycle that is shorter here, by the clock of a test, must not end
 * sessions by that of the server.
 */
function wholeSeconds(seconds: number): string {
  return String(Math.min(Math.max(SHORTEST_LIFECYCLE_SECONDS, Math.ceil(seconds)), LONGEST_LIFECYCLE_SECONDS));
}
