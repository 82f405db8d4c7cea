import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fullDiff } from '@aws-cdk/cloudformation-diff';
import { App, Stack, type Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { McpRelease, McpServerCode, Packaging, StatefulMcpServer } from '../../../../lib';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects } from '../../fixtures/projects';

let uv: FakeUv;
beforeEach(() => {
  uv = new FakeUv();
});
afterEach(() => {
  uv.dispose();
  removeProjects();
});

const FILES = {
  'package.json': '{ "dependencies": { "stateful-mcp-server": "*" } }',
  'server.ts': 'console.log(1);',
  'main.py': 'print(1)',
  'requirements.txt': 'greet==1.0.0',
  Dockerfile: 'FROM scratch',
  'dist/main.js': 'console.log(1);',
  'node_modules/notes/package.json': '{ "name": "notes", "version": "1.0.0", "bin": "main.js" }',
  'node_modules/notes/main.js': 'console.log(1);',
  'node_modules/stateful-mcp-server/package.json':
    '{ "name": "stateful-mcp-server", "version": "1.0.0", "main": "index.js" }',
  'node_modules/stateful-mcp-server/index.js': 'exports.serveStdio = () => undefined;',
};

/** Of the kit, as `serveStdio` is bundled. */
const CHANGED = ['server.ts', 'main.py', 'Dockerfile', 'dist/main.js', 'node_modules/stateful-mcp-server/index.js'];

type CodeOf = (root: string) => McpServerCode;

const KINDS: [string, CodeOf][] = [
  ['TypeScript in an image', root => McpServerCode.fromTypeScript(path.join(root, 'server.ts'))],
  [
    'TypeScript in a zip file',
    root => McpServerCode.fromTypeScript(path.join(root, 'server.ts'), { packaging: Packaging.zip() }),
  ],
  ['Python in an image', root => McpServerCode.fromPython(root)],
  ['Python in a zip file', root => McpServerCode.fromPython(root, { packaging: Packaging.zip() })],
  ['a bundle in an image', root => McpServerCode.fromBundle(path.join(root, 'dist'), 'main.js')],
  [
    'a bundle in a zip file',
    root => McpServerCode.fromBundle(path.join(root, 'dist'), 'main.js', { packaging: Packaging.zip() }),
  ],
  ['a stdio server in an image', root => McpServerCode.fromStdio('notes', { projectDirectory: root })],
  [
    'a stdio server in a zip file',
    root => McpServerCode.fromStdio('notes', { projectDirectory: root, packaging: Packaging.zip() }),
  ],
  ['a Dockerfile', root => McpServerCode.fromDockerfile(root)],
];

/** The templates of an app: a role of its own stack, and two servers that share it. */
function templates(root: string, codeOf: CodeOf, bundlingStacks = ['**']): Record<string, unknown>[] {
  const app = new App({ outdir: project({}), context: { 'aws:cdk:bundling-stacks': bundlingStacks } });
  const assumedBy = new ServicePrincipal('bedrock-agentcore.amazonaws.com');
  const role = new Role(new Stack(app, 'Roles'), 'Role', { assumedBy });
  const stack = new Stack(app, 'Servers');
  new StatefulMcpServer(stack, 'Server', { code: codeOf(root), role });
  new StatefulMcpServer(stack, 'Another', { code: codeOf(root) });
  return (app as Stage).synth().stacks.map(({ template }) => template as Record<string, unknown>);
}

function changed(file: string): string {
  return file === 'Dockerfile'
    ? 'FROM scratch AS another'
    : `${FILES[file as keyof typeof FILES]}\n`.replace('1', '2').replace('undefined', 'null');
}

describe.each(KINDS)('%s', (_kind, codeOf) => {
  test('a change of one line changes no permission', () => {
    const root = project(FILES);
    const before = templates(root, codeOf);
    for (const file of CHANGED) {
      writeFileSync(path.join(root, file), changed(file));
    }
    const after = templates(root, codeOf);
    expect(after).not.toEqual(before);
    for (const [index, template] of after.entries()) {
      const diff = fullDiff(before[index] ?? {}, template);
      expect([diff.permissionsBroadened, diff.permissionsAnyChanges]).toEqual([false, false]);
    }
  });

  test('a stack that is not bundled differs by hashes alone', () => {
    const root = project(FILES);
    const withoutHashes = (all: unknown): unknown =>
      JSON.parse(JSON.stringify(all).replace(/[0-9a-f]{64}/g, 'hash')) as unknown;
    expect(withoutHashes(templates(root, codeOf, []))).toEqual(withoutHashes(templates(root, codeOf)));
  });

  test('a stack that is not bundled needs nothing of it, as when it is listed or destroyed', () => {
    expect(() => templates(path.join(project({}), 'not', 'there'), codeOf, [])).not.toThrow();
  });
});

test.each<[string, (stack: Stack, tag: string) => McpServerCode]>([
  [
    'in a repository',
    (stack, tag) => McpServerCode.fromEcrRepository(Repository.fromRepositoryName(stack, tag, 'servers'), tag),
  ],
  [
    'at a URI',
    (_stack, tag) => McpServerCode.fromImageUri(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/servers:${tag}`),
  ],
])('another tag of an image %s changes no permission', (_place, codeOf) => {
  const [before, after] = ['v1', 'v2'].map(tag => {
    const stack = new Stack(new App(), 'Stack');
    new StatefulMcpServer(stack, 'Server', { code: codeOf(stack, tag) });
    return Template.fromStack(stack).toJSON();
  });
  expect(after).not.toEqual(before);
  const diff = fullDiff(before ?? {}, after ?? {});
  expect([diff.permissionsBroadened, diff.permissionsAnyChanges]).toEqual([false, false]);
});

test('the policies of servers that share a role, in different stacks and by equal ids, have names of their own', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  for (const id of ['One', 'Two']) {
    const stack = new Stack(app, id);
    const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/mcp');
    const code = McpServerCode.fromTypeScript('server.ts', { packaging: Packaging.zip() });
    new StatefulMcpServer(stack, 'Server', { code, role, release: McpRelease.direct() });
  }
  const names = app
    .synth()
    .stacks.flatMap(({ template }) =>
      Object.values((template as PolicyTemplate).Resources).flatMap(({ Properties: { PolicyName: name } = {} }) =>
        name === undefined ? [] : [JSON.stringify(name)],
      ),
    );
  expect(names).toHaveLength(2);
  expect(new Set(names).size).toBe(2);
});

interface PolicyTemplate {
  readonly Resources: Record<string, { readonly Properties?: { readonly PolicyName?: unknown } }>;
}
