import { McpHost } from '../../auth/mcp-host';

/**
 * The port that Claude Code takes when it is free and no other is named, so that a host without the setting may still
 * reach it.
 */
export const DEFAULT_CALLBACK_PORT = 3118;

/** Where each host waits for the browser to come back. Cognito compares the whole string. */
const CALLBACKS: Readonly<Record<McpHost, (port: number) => readonly string[]>> = {
  [McpHost.CLAUDE_CODE]: port => onThisMachine(port),
  [McpHost.CLAUDE]: () => ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
  [McpHost.CURSOR]: () => ['cursor://anysphere.cursor-mcp/oauth/callback'],
  [McpHost.VS_CODE]: () => [
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
    'http://127.0.0.1:33418',
    'http://127.0.0.1:33418/',
  ],
  // The IDE, and versions of the command before 2.12, are told a port alone, and add a path of their own.
  [McpHost.KIRO]: port => [...onThisMachine(port), ...onThisMachine(port, '/oauth/callback')],
  // Whatever its settings say, it waits at this path alone.
  [McpHost.GEMINI_CLI]: port => onThisMachine(port, '/oauth/callback'),
  [McpHost.INSPECTOR]: () => ['http://localhost:6274/oauth/callback', 'http://127.0.0.1:6276/oauth/callback'],
  [McpHost.CHATGPT]: () => ['https://chatgpt.com/connector_platform_oauth_redirect'],
};

function onThisMachine(port: number, path = '/callback'): readonly string[] {
  return [`http://localhost:${port}${path}`, `http://127.0.0.1:${port}${path}`];
}

export interface CallbackOptions {
  readonly hosts?: readonly McpHost[];
  readonly callbackUrls?: readonly string[];
  readonly callbackPort?: number;
}

/** All callback URLs, each once. */
export function callbackUrlsOf({ hosts, callbackUrls = [], callbackPort }: CallbackOptions): string[] {
  const ofHosts = (hosts ?? Object.values(McpHost)).flatMap(host =>
    CALLBACKS[host](callbackPort ?? DEFAULT_CALLBACK_PORT),
  );
  return [...new Set([...ofHosts, ...callbackUrls])];
}
