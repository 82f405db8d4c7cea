import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { McpPlatformVersion, McpServerCode, StatefulMcpServer } from '../../../../lib';
import { servesByFastmcpKit } from '../../../../lib/private/python-bundle/fastmcp-kit';
import type { ProgramFile } from '../../../../lib/private/program/program-files';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects } from '../../fixtures/projects';

let uv: FakeUv;
beforeEach(() => (uv = new FakeUv()));
afterEach(() => uv.dispose());
afterEach(removeProjects);

const file = (name: string, text = ''): ProgramFile => ({ name, contents: Buffer.from(text) });
const KIT = file('stateful_mcp_fastmcp/warm_up.py');

test.each([
  ['from stateful_mcp_fastmcp import serve', true],
  ['import os\nfrom stateful_mcp_fastmcp import Interaction, interactive, serve\n', true],
  ['from stateful_mcp_fastmcp import (\n    Interaction,\n    serve,\n)\n', true],
  ['if True:\n    from stateful_mcp_fastmcp.serve import serve as listen\n', true],
  ['import stateful_mcp_fastmcp\nstateful_mcp_fastmcp.serve(server)\n', true],
  ['\uFEFFfrom stateful_mcp_fastmcp import serve\r\n', true],
  ['from stateful_mcp_fastmcp import \\\r\n    interactive, \\\r\n    serve\r\n', true],
  ['from stateful_mcp_fastmcp import(serve)\n', true],
  ['import stateful_mcp_fastmcp as kit\n\nkit.serve(server)\n', true],
  ['from stateful_mcp_fastmcp import *\n\nserve(server)\n', true],
  ['import stateful_mcp_fastmcp as kit\n\nkit.interactive(server)\n# kit.serve(server)\n', false],
  ['from stateful_mcp_fastmcp import *\n\nserver.serve(1)\n# serve(server)\n', false],
  ['from stateful_mcp_fastmcp import interactive\nserve = server.run\n', false],
  ['from stateful_mcp_fastmcp import (\n    interactive,\n)\nserve = server.run\n', false],
  ['# from stateful_mcp_fastmcp import serve\n', false],
  ['from fastmcp import FastMCP # and not stateful_mcp_fastmcp.serve(server)\n', false],
  ['from stateful_mcp_fastmcp import observe\n', false],
])('%j serves by the kit: %s', (text, expected) => {
  expect(servesByFastmcpKit([file('main.py', text)], [KIT])).toBe(expected);
});

const IMPORT = 'from stateful_mcp_fastmcp import serve\n';

test.each<[string, ProgramFile[], ProgramFile[] | undefined, boolean]>([
  ['another module of the server says so', [file('main.py'), file('app/run.py', IMPORT)], [KIT], true],
  ['a file that is no module says so', [file('notes.md', IMPORT)], [KIT], false],
  ['nothing is installed yet', [file('main.py', IMPORT)], undefined, true],
  ['the installed one answers no hook', [file('main.py', IMPORT)], [file('stateful_mcp_fastmcp/serve.py')], false],
])('%s', (_, sources, packages, expected) => {
  expect(servesByFastmcpKit(sources, packages)).toBe(expected);
});

const FILES = { 'main.py': IMPORT, 'requirements.txt': 'greet\n', 'stateful_mcp_fastmcp/warm_up.py': '' };

const templateOf = (files: Record<string, string>, context?: Record<string, unknown>): Template => {
  const stack = new Stack(new App({ outdir: project({}), context }), 'Stack');
  const code = McpServerCode.fromPython(project(files));
  new StatefulMcpServer(stack, 'Server', { code, platformVersion: McpPlatformVersion.V2 });
  return Template.fromStack(stack);
};

test.each([
  ['bundled', {}],
  ['not bundled', { 'aws:cdk:bundling-stacks': [] }],
])('a server on the kit gets the hook and a key, %s', (_, context) => {
  const template = templateOf(FILES, context);
  template.resourceCountIs('AWS::SecretsManager::Secret', 1);
  template.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    HooksConfiguration: { Build: { Warmup: { Action: { HttpPost: { Path: '/warmup' } } } } },
    EnvironmentVariables: { STATEFUL_MCP_REQUEST_STATE_KEY: Match.anyValue() },
  });
});

test('one that is not gets neither', () => {
  const template = templateOf({ ...FILES, 'main.py': 'server.run()\n' });
  template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  template.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    HooksConfiguration: Match.absent(),
    EnvironmentVariables: { STATEFUL_MCP_REQUEST_STATE_KEY: Match.absent() },
  });
});
