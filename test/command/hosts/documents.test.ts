import { parse as parseYaml } from 'yaml';
import { CommandError } from '../../../command/src/common/command-error';
import type { Host } from '../../../command/src/hosts/host';
import { HOSTS } from '../../../command/src/hosts/hosts';
import { jsonDocument } from '../../../command/src/hosts/json-document';
import { merge, remove } from '../../../command/src/hosts/merge';
import { yamlDocument } from '../../../command/src/hosts/yaml-document';

const HTTP = { by: 'http', url: 'https://h/mcp' } as const;
const STDIO = { by: 'stdio', command: 'npx', args: ['-y', 'x'], variables: [] } as const;

const COMMENTED = `{
    // my servers
    "mcpServers": {
        "other": { "url": "http://o" }, // keep
    },
    "theme": "dark", /* mine */
}
`;

test('an entry joins others: comments, order, indentation and trailing commas stay', () => {
  const document = jsonDocument(COMMENTED, 'f');
  expect(merge(document, HOSTS.cursor, 'expenses', HOSTS.cursor.entry('expenses', HTTP))).toBe('added');
  const text = document.text();
  expect(text).toContain('// my servers');
  expect(text).toContain('// keep');
  expect(text).toContain('"theme": "dark", /* mine */');
  expect(text).toContain('\n        "expenses": {\n            "url": "https://h/mcp"\n        }');
  const again = jsonDocument(text, 'f');
  expect(merge(again, HOSTS.cursor, 'expenses', HOSTS.cursor.entry('expenses', HTTP))).toBe('unchanged');
  expect(again.text()).toBe(text);
  expect(remove(again, HOSTS.cursor, 'expenses')).toBe('removed');
  expect(again.get(['mcpServers'])).toEqual({ other: { url: 'http://o' } });
  expect(again.text()).toContain('// my servers');
  expect(remove(again, HOSTS.cursor, 'expenses')).toBe('absent');
});

test.each(['\uFEFF', '\uFEFF{}\r\n', '\uFEFF{ "theme": "dark" }'])('the byte order mark of %j stays', text => {
  const document = jsonDocument(text, 'f');
  merge(document, HOSTS.cursor, 'expenses', HOSTS.cursor.entry('expenses', HTTP));
  expect(document.text()).toMatch(/^\uFEFF\{[^\uFEFF]*"expenses"/);
  expect(jsonDocument(document.text(), 'f').get(['mcpServers', 'expenses'])).toBeDefined();
});

test('an entry in the place of another keeps what a person has added, and drops how it was reached', () => {
  const document = jsonDocument(
    '{ "mcpServers": { "e": { "url": "http://old", "oauth": { "clientId": "c" }, "disabled": true, /* off */ "env": { "MINE": "1" } } } }',
    'f',
  );
  const entry = HOSTS.kiro.entry('e', { ...STDIO, variables: ['TOKEN'] });
  expect(merge(document, HOSTS.kiro, 'e', entry)).toBe('replaced');
  expect(document.get(['mcpServers', 'e'])).toEqual({
    command: 'npx',
    args: ['-y', 'x'],
    env: { MINE: '1', TOKEN: '${TOKEN}' },
    disabled: true,
  });
  expect(document.text()).toContain('/* off */');
});

test('what VS Code asks for is beside the servers, and leaves with them', () => {
  const mine = { id: 'mine', type: 'promptString', description: 'x' };
  const document = jsonDocument(JSON.stringify({ inputs: [mine] }), 'f');
  const entry = HOSTS.vscode.entry('e', { ...HTTP, tokenVariable: 'TOKEN' });
  expect(merge(document, HOSTS.vscode, 'e', entry)).toBe('added');
  expect(document.get(['servers', 'e', 'headers'])).toEqual({ Authorization: 'Bearer ${input:stateful-mcp.e.TOKEN}' });
  expect(document.get(['inputs', 1])).toMatchObject({ id: 'stateful-mcp.e.TOKEN', password: true });
  expect(merge(document, HOSTS.vscode, 'e', entry)).toBe('unchanged');
  remove(document, HOSTS.vscode, 'e');
  expect(document.get(['inputs'])).toEqual([mine]);
});

test('YAML keeps its comments and the rest', () => {
  const document = yamlDocument('# mine\nGOOSE_MODEL: m # fast\nextensions:\n  dev:\n    enabled: false\n', 'f');
  expect(merge(document, HOSTS.goose, 'e', HOSTS.goose.entry('e', STDIO))).toBe('added');
  const text = document.text();
  expect(text).toContain('# mine\nGOOSE_MODEL: m # fast\n');
  expect(parseYaml(text)).toMatchObject({
    GOOSE_MODEL: 'm',
    extensions: { dev: { enabled: false }, e: { type: 'stdio', cmd: 'npx', args: ['-y', 'x'], enabled: true } },
  });
  const again = yamlDocument(text, 'f');
  expect(merge(again, HOSTS.goose, 'e', HOSTS.goose.entry('e', STDIO))).toBe('unchanged');
  expect(merge(again, HOSTS.goose, 'e', HOSTS.goose.entry('e', HTTP))).toBe('replaced');
  expect(parseYaml(again.text())).toMatchObject({
    extensions: { e: { type: 'streamable_http', uri: 'https://h/mcp' } },
  });
  expect(again.get(['extensions', 'e', 'cmd'])).toBeUndefined();
  remove(again, HOSTS.goose, 'e');
  expect(parseYaml(again.text())).toEqual({ GOOSE_MODEL: 'm', extensions: { dev: { enabled: false } } });
});

test.each<[string, Host, string]>([
  ['', HOSTS.cursor, '{\n  "mcpServers": {\n    "e": {\n      "url": "https://h/mcp"\n    }\n  }\n}\n'],
  ['{}', HOSTS.cursor, '{\n  "mcpServers": {\n    "e": {\n      "url": "https://h/mcp"\n    }\n  }\n}'],
  ['{\r\n\t"a": 1\r\n}\r\n', HOSTS.cursor, '\r\n\t"mcpServers": {\r\n\t\t"e": {\r\n\t\t\t"url"'],
  ['{ "mcpServers": null }', HOSTS.cursor, '"url": "https://h/mcp"'],
  ['', HOSTS.goose, 'extensions:\n  e:\n    enabled: true\n'],
])('a file that has %j', (source, host, expected) => {
  const document = host.format === 'json' ? jsonDocument(source, 'f') : yamlDocument(source, 'f');
  merge(document, host, 'e', host.entry('e', HTTP));
  expect(document.text()).toContain(expected);
});

test.each<[string, () => unknown, string]>([
  [
    'JSON',
    () => jsonDocument('{\n  "a": 1,\n  oops\n}', 'the file'),
    'the file is not JSON (InvalidSymbol, line 3, column 3)',
  ],
  ['JSON of another kind', () => jsonDocument('[]', 'the file'), 'the file is JSON, but not an object'],
  ['YAML', () => yamlDocument('a: [', 'the file'), 'the file is not YAML ('],
  ['YAML of another kind', () => yamlDocument('- a', 'the file'), 'the file is YAML, but not a mapping'],
  [
    'a section',
    () => merge(jsonDocument('{ "mcpServers": [] }', 'f'), HOSTS.kiro, 'e', { members: {} }),
    '`mcpServers` of the file is no object, got []',
  ],
])('%s that cannot be changed is an error that says where', (_, change, message) => {
  expect(change).toThrow(CommandError);
  expect(change).toThrow(message);
});
