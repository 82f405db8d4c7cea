import path from 'node:path';
import type { HostName, InstallScope } from '../../../command/src/command-line/invocation';
import { hostPlaces, type HostPlaces } from '../../../command/src/hosts/host-places';
import { HOSTS } from '../../../command/src/hosts/hosts';

const places = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv = {}): HostPlaces =>
  hostPlaces('/project', { platform, environment, home: '/home/ana' });

test.each<[HostName, InstallScope, NodeJS.Platform, NodeJS.ProcessEnv, string | undefined]>([
  ['claude', 'user', 'linux', {}, '/home/ana/.claude.json'],
  ['claude', 'user', 'darwin', { CLAUDE_CONFIG_DIR: '/c' }, '/c/.claude.json'],
  ['claude', 'project', 'linux', {}, '/project/.mcp.json'],
  ['claude-desktop', 'user', 'darwin', {}, '/home/ana/Library/Application Support/Claude/claude_desktop_config.json'],
  ['claude-desktop', 'user', 'win32', { APPDATA: '/roaming' }, '/roaming/Claude/claude_desktop_config.json'],
  ['claude-desktop', 'user', 'linux', {}, '/home/ana/.config/Claude/claude_desktop_config.json'],
  ['claude-desktop', 'project', 'linux', {}, undefined],
  ['vscode', 'user', 'linux', { XDG_CONFIG_HOME: '/x' }, '/x/Code/User/mcp.json'],
  ['vscode', 'user', 'darwin', {}, '/home/ana/Library/Application Support/Code/User/mcp.json'],
  ['vscode', 'user', 'win32', {}, '/home/ana/AppData/Roaming/Code/User/mcp.json'],
  ['vscode', 'project', 'linux', {}, '/project/.vscode/mcp.json'],
  ['kiro', 'user', 'linux', {}, '/home/ana/.kiro/settings/mcp.json'],
  ['kiro', 'project', 'linux', {}, '/project/.kiro/settings/mcp.json'],
  ['cursor', 'user', 'linux', {}, '/home/ana/.cursor/mcp.json'],
  ['cursor', 'project', 'linux', {}, '/project/.cursor/mcp.json'],
  ['gemini', 'user', 'linux', {}, '/home/ana/.gemini/settings.json'],
  ['gemini', 'project', 'linux', {}, '/project/.gemini/settings.json'],
  ['goose', 'user', 'darwin', {}, '/home/ana/.config/goose/config.yaml'],
  ['goose', 'user', 'win32', { APPDATA: '/roaming' }, '/roaming/Block/goose/config/config.yaml'],
  ['goose', 'project', 'linux', {}, undefined],
  ['inspector', 'user', 'linux', {}, '/home/ana/.mcp-inspector/mcp.json'],
  ['inspector', 'user', 'linux', { MCP_CATALOG_PATH: '/c.json' }, '/c.json'],
  ['inspector', 'project', 'linux', {}, undefined],
])('%s, %s, %s %j: %s', (host, scope, platform, environment, file) => {
  const found = HOSTS[host].file(scope, places(platform, environment));
  expect(found && path.normalize(found)).toBe(file);
});

const OAUTH = {
  by: 'http',
  url: 'https://h/mcp',
  oauth: { clientId: 'desk', callbackPort: 4000, serverMetadataUrl: 'https://m/x', scopes: ['a', 'b'] },
} as const;

test.each<[HostName, object]>([
  [
    'claude',
    {
      type: 'http',
      url: 'https://h/mcp',
      oauth: { clientId: 'desk', callbackPort: 4000, authServerMetadataUrl: 'https://m/x', scopes: 'a b' },
      timeout: 600_000,
    },
  ],
  ['vscode', { type: 'http', url: 'https://h/mcp', oauth: { clientId: 'desk' } }],
  [
    'kiro',
    {
      url: 'https://h/mcp',
      oauth: { clientId: 'desk', redirectUri: '127.0.0.1:4000' },
      oauthScopes: ['a', 'b'],
    },
  ],
  ['cursor', { url: 'https://h/mcp', auth: { CLIENT_ID: 'desk', scopes: ['a', 'b'] } }],
  [
    'gemini',
    {
      type: 'http',
      url: 'https://h/mcp',
      oauth: {
        enabled: true,
        clientId: 'desk',
        redirectUri: 'http://localhost:4000/oauth/callback',
        scopes: ['a', 'b'],
      },
      timeout: 600_000,
    },
  ],
  [
    'inspector',
    {
      type: 'streamable-http',
      url: 'https://h/mcp',
      oauth: { clientId: 'desk', scopes: 'a b' },
      protocolEra: 'auto',
    },
  ],
])('%s signs in by itself', (host, members) => {
  expect(HOSTS[host].lacks(OAUTH)).toBeUndefined();
  expect(HOSTS[host].entry('e', OAUTH).members).toEqual(members);
});

test.each<[HostName, string]>([
  ['claude', '${TOKEN}'],
  ['kiro', '${TOKEN}'],
  ['cursor', '${env:TOKEN}'],
  ['gemini', '${TOKEN}'],
  ['vscode', '${input:stateful-mcp.e.TOKEN}'],
])('%s gets a token by its name', (host, reference) => {
  const entry = { by: 'http', url: 'https://h/mcp', tokenVariable: 'TOKEN' } as const;
  expect(HOSTS[host].entry('e', entry).members).toMatchObject({ headers: { Authorization: `Bearer ${reference}` } });
});

test.each<[HostName]>([['claude-desktop'], ['goose']])('%s is given a program for a client id', host => {
  expect(HOSTS[host].lacks(OAUTH)).toBeDefined();
});
