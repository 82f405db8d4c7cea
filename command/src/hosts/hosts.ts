import path from 'node:path';
import type { HostName } from '../command-line/invocation';
import type { Host } from './host';
import { CLAUDE, CLAUDE_DESKTOP, CURSOR, GEMINI, INSPECTOR, KIRO, VS_CODE } from './json-hosts';

/** As long as the client of this command waits for a tool, in seconds: somebody may be filling in a form. */
const CALL_TIMEOUT_SECONDS = 600;

const GOOSE: Host = {
  title: 'goose',
  format: 'yaml',
  file: (scope, { configuration, platform }) => {
    const directory = platform === 'win32' ? path.join('Block', 'goose', 'config') : 'goose';
    return scope === 'user' ? path.join(configuration, directory, 'config.yaml') : undefined;
  },
  section: 'extensions',
  owned: ['type', 'name', 'cmd', 'args', 'uri', 'headers', 'env_keys'],
  lacks: ({ oauth, tokenVariable }) => {
    if (oauth?.clientId !== undefined) {
      return 'takes no client id: it registers itself';
    }
    return tokenVariable === undefined ? undefined : 'takes no token from a variable';
  },
  passesSecrets: true,
  entry: (name, entry) => {
    const common = { enabled: true, name, description: `MCP server ${name}`, timeout: CALL_TIMEOUT_SECONDS };
    return entry.by === 'stdio'
      ? {
          // goose asks for what `env_keys` names, and keeps it in the keychain.
          members: { ...common, type: 'stdio', cmd: entry.command, args: entry.args, env_keys: entry.variables },
        }
      : { members: { ...common, type: 'streamable_http', uri: entry.url } };
  },
  next: name => `start a session of goose: ${name} is turned on`,
};

/** All hosts, by the names that the command knows them by. */
export const HOSTS: Readonly<Record<HostName, Host>> = {
  claude: CLAUDE,
  'claude-desktop': CLAUDE_DESKTOP,
  vscode: VS_CODE,
  kiro: KIRO,
  cursor: CURSOR,
  gemini: GEMINI,
  goose: GOOSE,
  inspector: INSPECTOR,
};
