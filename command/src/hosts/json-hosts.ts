import path from 'node:path';
import type { Host, HostInput } from './host';
import type { HttpEntry, ServerEntry, StdioEntry } from './server-entry';

/** As long as the client of this command waits for a tool, in milliseconds: somebody may be filling in a form. */
const CALL_TIMEOUT_MS = 600_000;

/** What Claude Code takes when it is free. */
const DEFAULT_CALLBACK_PORT = 3118;

const STDIO = ['command', 'args'];
const NOTHING = (): undefined => undefined;

/** How a file refers to an environment variable, so that its value is not in there. */
type Reference = (variable: string) => string;

const braces: Reference = variable => `\${${variable}}`;

const headers = ({ tokenVariable }: HttpEntry, reference: Reference): object =>
  tokenVariable === undefined ? {} : { headers: { Authorization: `Bearer ${reference(tokenVariable)}` } };

function program({ command, args, variables }: StdioEntry, reference: Reference): Record<string, unknown> {
  const env = Object.fromEntries(variables.map(variable => [variable, reference(variable)]));
  return { command, args, ...(variables.length > 0 && { env }) };
}

/** Leaves out what is `undefined`, also the whole when nothing is left. */
function given(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}

function nested(name: string, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const present = given(members);
  return Object.keys(present).length === 0 ? {} : { [name]: present };
}

const spaced = (scopes: readonly string[] = []): string | undefined => scopes.join(' ') || undefined;

export const CLAUDE: Host = {
  title: 'Claude Code',
  format: 'json',
  file: (scope, { home, project, environment }) =>
    scope === 'project'
      ? path.join(project, '.mcp.json')
      : path.join(environment.CLAUDE_CONFIG_DIR || home, '.claude.json'),
  section: 'mcpServers',
  owned: [...STDIO, 'type', 'url', 'headers', 'headersHelper', 'oauth'],
  lacks: ({ oauth }) =>
    oauth?.serverMetadataUrl?.startsWith('https:') === false ? 'takes metadata by https alone' : undefined,
  passesSecrets: true,
  entry: (_name, entry) => {
    if (entry.by === 'stdio') {
      return { members: { type: 'stdio', ...program(entry, braces), timeout: CALL_TIMEOUT_MS } };
    }
    const { url, oauth } = entry;
    const oauthMembers = nested('oauth', {
      clientId: oauth?.clientId,
      callbackPort: oauth?.callbackPort,
      authServerMetadataUrl: oauth?.serverMetadataUrl,
      scopes: spaced(oauth?.scopes),
    });
    return { members: { type: 'http', url, ...headers(entry, braces), ...oauthMembers, timeout: CALL_TIMEOUT_MS } };
  },
  next: (name, entry, scope) =>
    entry.by === 'http' && entry.oauth !== undefined
      ? `run \`claude mcp login ${name}\``
      : scope === 'project'
        ? 'start `claude` in this directory, and say that you trust the server'
        : `\`claude mcp get ${name}\` shows it`,
};

export const CLAUDE_DESKTOP: Host = {
  title: 'Claude Desktop',
  format: 'json',
  file: (scope, { settings }) =>
    scope === 'user' ? path.join(settings, 'Claude', 'claude_desktop_config.json') : undefined,
  section: 'mcpServers',
  owned: STDIO,
  lacks: () => 'has remote servers as connectors alone, which no file has',
  passesSecrets: false,
  entry: (_name, entry) => ({ members: program(stdio(entry), braces) }),
  next: () => 'start Claude Desktop again',
};

/** The form of it that this host takes: the table of abilities has seen to that. */
function stdio(entry: ServerEntry): StdioEntry {
  if (entry.by !== 'stdio') {
    throw new TypeError('a server over HTTP for a host of stdio servers');
  }
  return entry;
}

/** VS Code asks for a secret once, and keeps it; of its environment, windows have little. */
const inputId = (name: string, variable: string): string => `stateful-mcp.${name}.${variable}`;

const input = (name: string, variable: string): HostInput => ({
  id: inputId(name, variable),
  definition: {
    type: 'promptString',
    id: inputId(name, variable),
    description: `${variable} of the MCP server ${name}`,
    password: true,
  },
});

export const VS_CODE: Host = {
  title: 'VS Code',
  format: 'json',
  file: (scope, { settings, project }) =>
    scope === 'project' ? path.join(project, '.vscode', 'mcp.json') : path.join(settings, 'Code', 'User', 'mcp.json'),
  section: 'servers',
  owned: [...STDIO, 'type', 'url', 'headers', 'oauth'],
  lacks: NOTHING,
  passesSecrets: true,
  entry: (name, entry) => {
    const reference: Reference = variable => `\${input:${inputId(name, variable)}}`;
    if (entry.by === 'stdio') {
      const inputs = entry.variables.map(variable => input(name, variable));
      return { members: { type: 'stdio', ...program(entry, reference) }, inputs };
    }
    const { url, oauth, tokenVariable } = entry;
    return {
      members: { type: 'http', url, ...headers(entry, reference), ...nested('oauth', { clientId: oauth?.clientId }) },
      inputs: tokenVariable === undefined ? [] : [input(name, tokenVariable)],
    };
  },
  next: name => `run "MCP: List Servers" in VS Code, and start ${name}`,
};

export const KIRO: Host = {
  title: 'Kiro',
  format: 'json',
  file: (scope, { home, project }) => path.join(scope === 'project' ? project : home, '.kiro', 'settings', 'mcp.json'),
  section: 'mcpServers',
  owned: [...STDIO, 'url', 'headers', 'oauth', 'oauthScopes'],
  lacks: NOTHING,
  passesSecrets: true,
  entry: (_name, entry) => {
    if (entry.by === 'stdio') {
      return { members: program(entry, braces) };
    }
    const { url, oauth } = entry;
    // A whole URL is for Kiro CLI from 2.12 on; the IDE, and all of them, take a host and a port.
    const redirectUri = oauth?.clientId && `127.0.0.1:${oauth.callbackPort ?? DEFAULT_CALLBACK_PORT}`;
    return {
      members: {
        url,
        ...headers(entry, braces),
        ...nested('oauth', { clientId: oauth?.clientId, redirectUri }),
        ...given({ oauthScopes: oauth?.scopes }),
      },
    };
  },
  next: (_name, entry) =>
    entry.by === 'http' && entry.tokenVariable !== undefined
      ? `allow ${entry.tokenVariable} in the setting "Mcp Approved Env Vars"`
      : 'Kiro connects when it reads the file',
};

export const CURSOR: Host = {
  title: 'Cursor',
  format: 'json',
  file: (scope, { home, project }) => path.join(scope === 'project' ? project : home, '.cursor', 'mcp.json'),
  section: 'mcpServers',
  owned: [...STDIO, 'url', 'headers', 'auth'],
  lacks: NOTHING,
  passesSecrets: true,
  entry: (_name, entry) => {
    const reference: Reference = variable => `\${env:${variable}}`;
    if (entry.by === 'stdio') {
      return { members: program(entry, reference) };
    }
    const { url, oauth } = entry;
    const auth =
      oauth?.clientId === undefined ? {} : nested('auth', { CLIENT_ID: oauth.clientId, scopes: oauth.scopes });
    return { members: { url, ...headers(entry, reference), ...auth } };
  },
  next: name => `turn ${name} on in the settings of Cursor, under MCP`,
};

export const GEMINI: Host = {
  title: 'Gemini CLI',
  format: 'json',
  file: (scope, { home, project }) => path.join(scope === 'project' ? project : home, '.gemini', 'settings.json'),
  section: 'mcpServers',
  owned: [...STDIO, 'type', 'url', 'httpUrl', 'headers', 'oauth'],
  lacks: NOTHING,
  passesSecrets: true,
  entry: (_name, entry) => {
    if (entry.by === 'stdio') {
      return { members: { ...program(entry, braces), timeout: CALL_TIMEOUT_MS } };
    }
    const { url, oauth } = entry;
    const members = oauth && {
      enabled: true,
      clientId: oauth.clientId,
      // It waits at this path alone, whatever it is told.
      redirectUri: oauth.clientId && `http://localhost:${oauth.callbackPort ?? DEFAULT_CALLBACK_PORT}/oauth/callback`,
      scopes: oauth.scopes,
    };
    return {
      members: {
        type: 'http',
        url,
        ...headers(entry, braces),
        ...nested('oauth', { ...members }),
        timeout: CALL_TIMEOUT_MS,
      },
    };
  },
  next: (name, entry) =>
    entry.by === 'http' && entry.oauth !== undefined
      ? `run \`/mcp auth ${name}\` in Gemini CLI`
      : '`gemini mcp list` shows it',
};

export const INSPECTOR: Host = {
  title: 'MCP Inspector',
  format: 'json',
  file: (scope, { home, environment }) =>
    scope === 'user' ? environment.MCP_CATALOG_PATH || path.join(home, '.mcp-inspector', 'mcp.json') : undefined,
  section: 'mcpServers',
  owned: [...STDIO, 'type', 'url', 'headers', 'oauth'],
  lacks: ({ tokenVariable }) =>
    tokenVariable === undefined ? undefined : 'has no way to name a token without writing it down',
  passesSecrets: false,
  entry: (_name, entry) => {
    if (entry.by === 'stdio') {
      return { members: { type: 'stdio', ...program(entry, braces), protocolEra: 'auto' } };
    }
    const { url, oauth } = entry;
    const members = nested('oauth', { clientId: oauth?.clientId, scopes: spaced(oauth?.scopes) });
    return { members: { type: 'streamable-http', url, ...members, protocolEra: 'auto' } };
  },
  next: name => `run \`npx @modelcontextprotocol/inspector --cli --server ${name} --method tools/list\``,
};
