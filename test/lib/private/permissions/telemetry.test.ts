import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { McpRelease, McpServerCode, Packaging, StatefulMcpServer, type TypeScriptCodeOptions } from '../../../../lib';
import { nagFindings } from '../../fixtures/cdk-nag';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf, permissionsOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const INSTRUMENTATION = '@aws/aws-distro-opentelemetry-node-autoinstrumentation';

/** A server whose project has an instrumentation that wraps `os.hostname`, as the real one wraps `http` and more. */
function instrumentedServer(): string {
  const root = project({
    'package.json': '{ "name": "server" }',
    'server.ts': 'import { hostname } from "node:os"; console.log(hostname());',
    'packages/instrumentation/package.json': JSON.stringify({
      name: INSTRUMENTATION,
      version: '1.0.0',
      exports: { './register': './register.js' },
    }),
    'packages/instrumentation/register.js': 'require("node:os").hostname = () => "instrumented";',
  });
  mkdirSync(path.join(root, 'node_modules/@aws'), { recursive: true });
  symlinkSync('../../packages/instrumentation', path.join(root, 'node_modules', INSTRUMENTATION));
  return path.join(root, 'server.ts');
}

/** A server in a stack of which the template alone matters. */
function unbundled(options: TypeScriptCodeOptions) {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');
  const code = McpServerCode.fromTypeScript(path.join(project({ 'server.ts': 'console.log(1)' }), 'server.ts'), {
    telemetry: true,
    ...options,
  });
  const server = new StatefulMcpServer(stack, 'Server', {
    code,
    runtimeName: 'greeter',
    release: McpRelease.direct(),
  });
  return { stack, server };
}

test('a zip file is started by the wrapper of the service', () => {
  const { stack } = unbundled({ packaging: Packaging.zip() });
  Template.fromStack(stack).hasResourceProperties(RUNTIME, {
    AgentRuntimeArtifact: {
      CodeConfiguration: { EntryPoint: ['opentelemetry-instrument', 'index.js'], Runtime: 'NODE_22' },
    },
  });
});

test('an image preloads the instrumentation, and says so to whoever runs the bundle without it', () => {
  const { stack } = unbundled({ packaging: Packaging.image() });
  const command = ['node', '--enable-source-maps', '--require', `${INSTRUMENTATION}/register`, 'index.js'];
  Template.fromStack(stack).hasResourceProperties('Custom::ImageAssembly', { entrypoint: command });
  Template.fromStack(stack).hasResource(RUNTIME, {
    Metadata: { 'cdk-stateful-mcp:program': Match.objectLike({ command }) },
  });
});

test('the bundle brings the instrumentation, and what it imports is instrumented', () => {
  const { folder } = bundled(instrumentedServer(), { telemetry: true });
  expect(
    execFileSync(process.execPath, ['--require', `${INSTRUMENTATION}/register`, 'index.js'], {
      cwd: folder,
      encoding: 'utf8',
    }),
  ).toBe('instrumented\n');
});

test.each([
  ['a zip file', Packaging.zip()],
  ['an image', Packaging.image()],
])('the role of %s may have spans delivered to the log group of the runtime', (_form, packaging) => {
  const { stack, server } = unbundled({ packaging });
  expect(permissionsOf(stack, server.role)['logs:PutResourcePolicy']).toEqual({
    'Fn::Sub':
      'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/bedrock-agentcore/runtimes/greeter-*',
  });
  expect(nagFindings(stack)).toEqual([]);
});

test('without the option nothing of this is there', () => {
  const { stack, server } = unbundled({ telemetry: false });
  Template.fromStack(stack).hasResourceProperties('Custom::ImageAssembly', {
    entrypoint: ['node', '--enable-source-maps', 'index.js'],
  });
  expect(permissionsOf(stack, server.role)).not.toHaveProperty('logs:PutResourcePolicy');
});

test('a project without the instrumentation is told to install it', () => {
  const entry = path.join(project({ 'package.json': '{}', 'server.ts': 'console.log(1)' }), 'server.ts');
  expect(errorOf(() => bundled(entry, { telemetry: true }))).toBe(
    `[Stack/Server] \`telemetry\` needs ${INSTRUMENTATION}, which is not installed ` +
      `(looked up from ${path.dirname(entry)}): run "npm install ${INSTRUMENTATION}" there`,
  );
});
