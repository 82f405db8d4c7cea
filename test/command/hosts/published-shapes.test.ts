// What `install` writes for the hosts that do not run here, held against the shapes that they publish. Members that are
// not in there are refused: a host would ignore them, or the whole file.
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { endCommands, run } from '../run-command';

afterEach(endCommands);
afterAll(removeTemporaryFolders);

const texts = z.array(z.string());
const map = z.record(z.string(), z.string());

/** The schema that VS Code checks `mcp.json` by: mcpConfiguration.ts in microsoft/vscode; `oauth` since May 2026. */
const VS_CODE = z.strictObject({
  servers: z.record(
    z.string(),
    z.union([
      z.strictObject({
        type: z.literal('stdio').optional(),
        command: z.string(),
        args: texts.optional(),
        cwd: z.string().optional(),
        envFile: z.string().optional(),
        env: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
      }),
      z.strictObject({
        type: z.enum(['http', 'sse']).optional(),
        url: z.url().regex(/^https?:\/\/.+/),
        headers: map.optional(),
        oauth: z.strictObject({ clientId: z.string().min(1) }).optional(),
      }),
    ]),
  ),
  inputs: z
    .array(
      z.strictObject({
        type: z.literal('promptString'),
        id: z.string(),
        description: z.string(),
        default: z.string().optional(),
        password: z.boolean().optional(),
      }),
    )
    .optional(),
});

const KIRO_COMMON = {
  disabled: z.boolean().optional(),
  autoApprove: texts.optional(),
  disabledTools: texts.optional(),
};

/** The tables of properties at https://kiro.dev/docs/mcp/configuration. */
const KIRO = z.strictObject({
  mcpServers: z.record(
    z.string(),
    z.union([
      z.strictObject({ command: z.string(), args: texts, env: map.optional(), ...KIRO_COMMON }),
      z.strictObject({
        url: z.url(),
        headers: map.optional(),
        env: map.optional(),
        // Host and port: Kiro makes the URL of it.
        oauth: z.strictObject({ clientId: z.string(), redirectUri: z.string().regex(/^[\w.]+:\d+$/) }).optional(),
        oauthScopes: texts.optional(),
        ...KIRO_COMMON,
      }),
    ]),
  ),
});

/** https://docs.cursor.com/context/mcp: STDIO servers, remote servers, static OAuth. */
const CURSOR = z.strictObject({
  mcpServers: z.record(
    z.string(),
    z.union([
      z.strictObject({
        type: z.literal('stdio').optional(),
        command: z.string(),
        args: texts.optional(),
        env: map.optional(),
        envFile: z.string().optional(),
      }),
      z.strictObject({
        url: z.url(),
        headers: map.optional(),
        auth: z
          .strictObject({ CLIENT_ID: z.string(), CLIENT_SECRET: z.string().optional(), scopes: texts.optional() })
          .optional(),
      }),
    ]),
  ),
});

const GOOSE_COMMON = {
  enabled: z.boolean(),
  name: z.string(),
  description: z.string(),
  timeout: z.int().positive().optional(),
  bundled: z.boolean().optional(),
  envs: map.optional(),
  env_keys: texts.optional(),
  available_tools: texts.optional(),
};

/** `ExtensionConfig` of goose (crates/goose/src/agents/extension.rs), with `enabled` of its entry beside it. */
const GOOSE = z.strictObject({
  extensions: z.record(
    z.string(),
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('stdio'), cmd: z.string(), args: texts, ...GOOSE_COMMON }),
      z.strictObject({ type: z.literal('streamable_http'), uri: z.url(), headers: map.optional(), ...GOOSE_COMMON }),
    ]),
  ),
});

/** https://modelcontextprotocol.io/docs/develop/connect-local-servers: programs alone. */
const CLAUDE_DESKTOP = z.strictObject({
  mcpServers: z.record(z.string(), z.strictObject({ command: z.string(), args: texts, env: map.optional() })),
});

const ARN = 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1b2c3d4e5';
const URL = ['--url', 'https://h/mcp'];

const TARGETS = {
  'a server that takes anybody': ['--url', 'http://127.0.0.1:8000/mcp'],
  'a signed one': ['--arn', ARN, '--profile', 'work'],
  'one for people': [...URL, '--client-id', 'desk', '--callback-port', '4000', '--oauth-scope', 'a'],
  'a token': [...URL, '--bearer', 'TOKEN'],
  'a program with a secret': [...URL, '--client-credentials', '--client-id', 'agent'],
} as const;

type TargetName = keyof typeof TARGETS;

const ALL = Object.keys(TARGETS) as TargetName[];

describe.each<[string, z.ZodType, readonly TargetName[], (text: string) => unknown]>([
  ['vscode', VS_CODE, ALL, JSON.parse],
  ['kiro', KIRO, ALL, JSON.parse],
  ['cursor', CURSOR, ALL, JSON.parse],
  ['goose', GOOSE, ALL, parseYaml],
  // It hands no secrets on to what it starts.
  ['claude-desktop', CLAUDE_DESKTOP, ALL.slice(0, 3), JSON.parse],
])('%s', (host, shape, targets, parse) => {
  test.each(targets)('%s is written in its shape', async target => {
    const { code, stdout, stderr } = await run(['install', host, ...TARGETS[target], '--name', 'e', '--json'], {
      env: { HOME: temporaryFolder() },
    });
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    const { file } = JSON.parse(stdout) as { file: string };
    expect(shape.safeParse(parse(readFileSync(file, 'utf8')))).toMatchObject({ success: true });
  });
});
