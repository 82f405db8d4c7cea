import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { codeOf, findings, l1, newStack, runtime } from '../../fixtures/plain-runtimes';
import { removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

describe('protocolMissing', () => {
  const FOUND = ['protocolMissing Properties/ProtocolConfiguration'];

  test('an L1 runtime without a protocol', () => {
    const stack = newStack();
    l1(stack, { protocolConfiguration: undefined });
    expect(findings(stack)).toEqual(FOUND);
  });

  test.each([
    ['TypeScript', { 'index.js': 'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";' }, 'index.js'],
    [
      'TypeScript of the second SDK',
      { 'index.mjs': 'import { McpServer } from "@modelcontextprotocol/server";' },
      'index.mjs',
    ],
    [
      'a bundle with a source map',
      {
        'index.js': 'x()',
        'index.js.map': JSON.stringify({
          sources: ['../node_modules/@modelcontextprotocol/server/dist/index.mjs'],
          sourcesContent: [null],
        }),
      },
      'index.js',
    ],
    ['Python', { 'main.py': 'from mcp.server.fastmcp import FastMCP\n' }, 'main.py'],
    ['Python with FastMCP', { 'main.py': 'import fastmcp\n' }, 'main.py'],
  ])('an L2 runtime with the protocol left out, whose program serves MCP: %s', (_case, files, entry) => {
    const stack = newStack();
    runtime(stack, { protocolConfiguration: undefined, agentRuntimeArtifact: codeOf(files, entry) });
    expect(findings(stack)).toEqual(FOUND);
  });

  test.each([
    ['an agent that is a client of MCP servers', 'import { Client } from "@modelcontextprotocol/sdk/client/index.js";'],
    ['an agent without MCP', 'console.log(1);'],
  ])('not %s, for HTTP is its protocol', (_case, program) => {
    const stack = newStack();
    runtime(stack, {
      protocolConfiguration: undefined,
      agentRuntimeArtifact: codeOf({ 'index.js': program }, 'index.js'),
    });
    expect(findings(stack)).toEqual([]);
  });

  test('not a protocol with a port', () => {
    const stack = newStack();
    const resource = l1(stack, { protocolConfiguration: undefined });
    resource.addPropertyOverride('ProtocolConfiguration', { ServerProtocol: 'MCP', Port: 9000 });
    expect(findings(stack)).toEqual([]);
  });
});

describe('moduleScopeRandom', () => {
  const FOUND = ['moduleScopeRandom Properties/AgentRuntimeArtifact'];
  const withProgram = (files: Record<string, string>, entry: string, version = 'V2'): string[] => {
    const stack = newStack();
    const resource = runtime(stack, { agentRuntimeArtifact: codeOf(files, entry) }).node.defaultChild as CfnRuntime;
    resource.addPropertyOverride('PlatformVersion', version);
    return findings(stack);
  };

  test.each([
    ['index.js', 'const { randomUUID } = require("crypto");\nconst instance = randomUUID();\n'],
    ['index.js', 'export const key: Buffer = crypto.randomBytes(32);'],
    ['index.js', 'let seed = Math.random();'],
    ['main.py', 'import uuid\nINSTANCE = str(uuid.uuid4())\n'],
    ['main.py', 'KEY = secrets.token_bytes(32)\n'],
    ['main.py', 'SEED = random.random()\n'],
  ])('in %s: %s', (entry, program) => {
    expect(withProgram({ [entry]: program }, entry)).toEqual(FOUND);
  });

  test('in a source of a bundle, not in a package', () => {
    const map = (name: string): string =>
      JSON.stringify({ sources: [name], sourcesContent: ['const id = randomUUID();\n'] });
    const bundle = { 'index.js': '"use strict";var a=b();' };
    expect(withProgram({ ...bundle, 'index.js.map': map('../server.ts') }, 'index.js')).toEqual(FOUND);
    expect(withProgram({ ...bundle, 'index.js.map': map('../node_modules/a/a.js') }, 'index.js')).toEqual([]);
  });

  test.each([
    ['index.js', 'const id = () => randomUUID();\n'],
    ['index.js', 'function id() {\n  const id = randomUUID();\n}\n'],
    ['main.py', 'def key():\n    key = secrets.token_bytes(32)\n'],
    ['main.py', 'key = lambda: secrets.token_bytes(32)\n'],
  ])('not in a function, in %s: %s', (entry, program) => {
    expect(withProgram({ [entry]: program }, entry)).toEqual([]);
  });

  test('not on V1, where no microVM is restored from a snapshot', () => {
    expect(withProgram({ 'index.js': 'const id = randomUUID();' }, 'index.js', 'V1')).toEqual([]);
  });

  test('not where the program cannot be looked into', () => {
    const stack = newStack();
    (runtime(stack).node.defaultChild as CfnRuntime).addPropertyOverride('PlatformVersion', 'V2');
    expect(findings(stack)).toEqual([]);
  });
});
