import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { buildSync, type BuildOptions } from 'esbuild';
import { McpServerCode, Packaging, type StatefulMcpServer } from '../../../../lib';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized } from '../../fixtures/projects';
import { greetingServer, unbundledStack } from '../../fixtures/stacks';

afterEach(removeProjects);

interface Source {
  readonly projectRoot: string;
  readonly esbuildOptions?: BuildOptions;
}

function sourceOf(server: StatefulMcpServer): Source | undefined {
  const resource = server.runtime.node.defaultChild as CfnRuntime;
  return resource.node.metadata.find(({ type }) => type === 'cdk-stateful-mcp:source')?.data as Source | undefined;
}

const FILES = {
  'package.json': '{ "name": "server" }',
  'server.ts': 'import { word } from "./word"; import "left-out"; console.log(word satisfies string);',
  'word.ts': 'export const word = import.meta.url;',
};

test.each([
  ['a zip file', Packaging.zip(), {}],
  ['an image', Packaging.image(), {}],
  ['a strict project', Packaging.image(), { 'tsconfig.json': '{ "compilerOptions": { "strict": true } }' }],
])('whoever reads the cloud assembly can make the program of %s again', (_, packaging, files) => {
  const root = project({ ...FILES, ...files });
  const { stack, folder } = synthesized(
    McpServerCode.fromTypeScript(path.join(root, 'server.ts'), { packaging, externalModules: ['left-out'] }),
  );
  const source = sourceOf(stack.node.findChild('Server') as StatefulMcpServer);
  expect(source?.projectRoot).toBe(root);
  const [program] = buildSync({ ...source?.esbuildOptions, sourcemap: false, write: false }).outputFiles;
  const asset = readFileSync(path.join(folder, 'index.js'), 'utf8').replace(/\/\/# sourceMappingURL=.*\n$/, '');
  expect(program?.text).toBe(asset);
});

test('it is in the manifest, so that the template is the same wherever it is synthesized', () => {
  const root = project(FILES);
  const { stack } = synthesized(
    McpServerCode.fromTypeScript(path.join(root, 'server.ts'), { externalModules: ['left-out'] }),
  );
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain(root);
  const { directory } = (stack.node.root as App).synth();
  const files = ['manifest.json', 'Stack.metadata.json'].map(file => {
    try {
      return readFileSync(path.join(directory, file), 'utf8');
    } catch {
      return '';
    }
  });
  expect(files.join('')).toContain(JSON.stringify(root));
});

test('of a server in Python, the folder is said', () => {
  const uv = new FakeUv();
  try {
    const folder = project({ 'main.py': 'print("hello")', 'requirements.txt': '' });
    const { stack } = synthesized(McpServerCode.fromPython(folder));
    expect(sourceOf(stack.node.findChild('Server') as StatefulMcpServer)).toEqual({
      projectRoot: folder,
      esbuildOptions: undefined,
    });
  } finally {
    uv.dispose();
  }
});

test('a stack that is not bundled says nothing', () => {
  expect(sourceOf(greetingServer(unbundledStack()))).toBeUndefined();
  expect(
    sourceOf(
      greetingServer(new Stack(new App(), 'Stack'), {
        code: McpServerCode.fromImageUri('public.ecr.aws/a/b@sha256:' + '0'.repeat(64)),
      }),
    ),
  ).toBeUndefined();
});
