// A user's project: a server with a tool that asks, an app that deploys it, and what holds both against their promises.
import { entriesOf, publishedPackages } from '../../scripts/release/published-packages';

export type Layout = 'single' | 'monorepo';
export type ModuleType = 'module' | 'commonjs';

/** Files by their paths in the project. */
export type Files = Readonly<Record<string, string>>;

const SERVER = `import { McpServer } from '@modelcontextprotocol/server';
import { form, interactive } from 'stateful-mcp-server';
import * as z from 'zod';

const ORDER = form(z.object({ dish: z.enum(['soup', 'salad']) }));

export function createServer(): McpServer {
  const server = new McpServer({ name: 'lunch', version: '1.0.0' });
  server.registerTool(
    'order_lunch',
    { description: 'Orders lunch.', inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      const { dish } = await io.elicitContent('What would you like?', ORDER);
      return { content: [{ type: 'text', text: \`ordered \${dish}\` }] };
    }),
  );
  return server;
}
`;

const MAIN = (extension: string): string => `import { serve } from 'stateful-mcp-server';
import { createServer } from './server${extension}';

void serve(createServer);
`;

const UNIT_TEST = (extension: string): string => `import { openTestClient } from 'stateful-mcp-server/testing';
import { createServer } from './server${extension}';

void (async () => {
  for (const era of ['legacy', 'modern'] as const) {
    const client = await openTestClient(createServer, { era, elicitation: [{ accept: { dish: 'soup' } }] });
    const { text } = await client.callTool('order_lunch');
    await client.close();
    console.log(era, text);
  }
})();
`;

const APP = (server: string): string => `import { App, Duration, Stack } from 'aws-cdk-lib';
import { McpServerCode, StatefulMcpServer } from 'cdk-stateful-mcp';

const stack = new Stack(new App(), 'Lunch');
const code = McpServerCode.fromTypeScript('${server}');
new StatefulMcpServer(stack, 'Server', { code, idleTimeout: Duration.minutes(5) });
`;

/** Prints what each entry exports, so that what CommonJS and ESM get can be compared. */
const EXPORTS_COMMONJS = (entries: readonly string[]): string =>
  `console.log(JSON.stringify(${JSON.stringify(entries)}.map(entry => [entry, Object.keys(require(entry)).sort()])));\n`;
const EXPORTS_ESM = (entries: readonly string[]): string => `const found = [];
for (const entry of ${JSON.stringify(entries)}) {
  found.push([entry, Object.keys(await import(entry)).filter(name => !['default', 'module.exports', '__esModule'].includes(name)).sort()]);
}
console.log(JSON.stringify(found));
`;

const compilerOptions = {
  strict: true,
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  module: 'nodenext',
  rootDir: 'src',
  outDir: 'build',
};
/** Declarations are checked, too, where those of the AWS CDK are not among them: they alone take a minute. */
const tsconfig = (skipLibCheck: boolean, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ compilerOptions: { ...compilerOptions, skipLibCheck, ...more }, include: ['src'] });
// What bundlers and editors check by: the same sources, and nothing written.
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler', noEmit: true };

/** Names of the scripts in `package.json`: each package manager runs them in its own way. */
const SCRIPTS = {
  compile: 'tsc -p tsconfig.json',
  'compile:bundler': 'tsc -p tsconfig.bundler.json',
  'exports:commonjs': 'node exports.cjs',
  'exports:esm': 'node exports.mjs',
};

const INFRASTRUCTURE = ['cdk-stateful-mcp', 'stateful-mcp', 'stateful-mcp-local', 'stateful-mcp-client'];
const SERVER_KIT = ['stateful-mcp-server'];

export interface ProjectKind {
  readonly layout: Layout;
  readonly type: ModuleType;
  /** Versions of what others publish. */
  readonly versions: Readonly<Record<string, string>>;
}

/** All files, and the directories in which scripts are run: that of the server, and that of the app. */
export function projectFiles({ layout, type, versions }: ProjectKind): {
  files: Files;
  server: string;
  app: string;
} {
  const own = Object.fromEntries(publishedPackages().map(({ manifest }) => [manifest.name, manifest.version]));
  const pick = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map(name => [name, own[name] ?? versions[name] ?? 'missing']));
  const development = pick('typescript', '@types/node');
  const ofServer = pick(...SERVER_KIT, '@modelcontextprotocol/client', '@modelcontextprotocol/server', 'zod');
  const bedrock = pick('@aws-sdk/client-bedrock-runtime');
  const ofApp = pick(...INFRASTRUCTURE, 'aws-cdk-lib', 'constructs');
  const extension = type === 'module' ? '.js' : '';

  const server: Files = {
    'src/server.ts': SERVER,
    'src/main.ts': MAIN(extension),
    'src/unit-test.ts': UNIT_TEST(extension),
  };
  const app = (main: string): Files => ({
    'src/app.ts': APP(main),
    'cdk.json': JSON.stringify({ app: 'node build/app.js' }),
    'answers.json': JSON.stringify({ dish: 'soup' }),
  });
  const parts =
    layout === 'single'
      ? [
          {
            directory: '.',
            packages: [...INFRASTRUCTURE, ...SERVER_KIT],
            dependencies: { ...ofServer, ...bedrock, ...ofApp },
            files: { ...server, ...app('src/main.ts') },
          },
        ]
      : [
          {
            directory: 'server',
            packages: SERVER_KIT,
            dependencies: { ...ofServer, ...bedrock },
            files: server,
          },
          {
            directory: 'infra',
            packages: INFRASTRUCTURE,
            dependencies: ofApp,
            files: app('../server/src/main.ts'),
          },
        ];
  const files: Record<string, string> = {};
  for (const { directory, packages, dependencies, files: sources } of parts) {
    const entries = publishedPackages()
      .filter(({ manifest }) => packages.includes(manifest.name))
      .flatMap(({ manifest }) => entriesOf(manifest));
    const scripts = {
      ...SCRIPTS,
      ...('src/unit-test.ts' in sources && { unit: 'node build/unit-test.js' }),
      ...('src/app.ts' in sources && { talk: 'stateful-mcp talk order_lunch --answers answers.json' }),
    };
    const name = directory === '.' ? 'lunch' : directory;
    const manifest = {
      name,
      version: '1.0.0',
      private: true,
      type,
      scripts,
      dependencies,
      devDependencies: development,
    };
    Object.assign(
      files,
      Object.fromEntries(
        Object.entries({
          'package.json': JSON.stringify(manifest, null, 2),
          'tsconfig.json': tsconfig('src/app.ts' in sources),
          'tsconfig.bundler.json': tsconfig('src/app.ts' in sources, BUNDLER),
          'exports.cjs': EXPORTS_COMMONJS(entries),
          'exports.mjs': EXPORTS_ESM(entries),
          ...sources,
        }).map(([file, contents]) => [directory === '.' ? file : `${directory}/${file}`, contents]),
      ),
    );
  }
  if (layout === 'monorepo') {
    const workspaces = parts.map(({ directory }) => directory);
    files['package.json'] = JSON.stringify({ name: 'monorepo', version: '1.0.0', private: true, workspaces });
  }
  return { files, server: parts[0]?.directory ?? '.', app: parts.at(-1)?.directory ?? '.' };
}
