import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { McpRelease, McpServerCode, Packaging, StatefulMcpServer } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const FILES = {
  'package.json': '{ "name": "server" }',
  'tsconfig.json': '{ "compilerOptions": { "strict": true } }',
  'src/server.ts':
    'import { a } from "./tools/a"; import b from "b"; class Server { name = Server.name } console.log(a, b, new Server(), __filename);',
  'src/tools/a.ts': 'export const a: string = "a";',
  'node_modules/b/package.json': '{ "name": "b", "main": "lib/b.js" }',
  'node_modules/b/lib/b.js': 'module.exports = () => require("./c");',
  'node_modules/b/lib/c.js': '/*! license of b */ module.exports = "c";',
};

function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

describe('the asset', () => {
  test('is the same from two checkouts in different folders', () => {
    const [first, second] = [project(FILES), project(FILES, 'some/where/deeper')].map(root =>
      bundled(path.join(root, 'src/server.ts')),
    );
    expect(second?.assetHash).toBe(first?.assetHash);
    expect(contentsOf(second?.folder ?? '')).toEqual(contentsOf(first?.folder ?? ''));
    expect(second?.folder).not.toBe(first?.folder);
  });

  test('is the same through a link to the checkout, and from any current folder', () => {
    const root = project(FILES);
    const link = path.join(project({}), 'link');
    symlinkSync(root, link);
    const plain = bundled(path.join(root, 'src/server.ts'));
    const before = process.cwd();
    process.chdir(link);
    try {
      expect(bundled('src/server.ts').assetHash).toBe(plain.assetHash);
    } finally {
      process.chdir(before);
    }
    expect(bundled(path.join(link, 'src/server.ts')).assetHash).toBe(plain.assetHash);
  });

  test('is the same where dependencies lie above the project, as npm workspaces put them', () => {
    const files = Object.fromEntries(
      Object.entries(FILES).map(([name, contents]) => [
        name.startsWith('node_modules') ? name : `packages/server/${name}`,
        contents,
      ]),
    );
    const [first, second] = [project(files), project(files, 'deeper')].map(root =>
      bundled(path.join(root, 'packages/server/src/server.ts')),
    );
    expect(second?.assetHash).toBe(first?.assetHash);
  });

  test.each(['src/tools/a.ts', 'node_modules/b/lib/c.js'])('is another when %s changes', name => {
    const root = project(FILES);
    const before = bundled(path.join(root, 'src/server.ts'));
    writeFileSync(path.join(root, name), 'module.exports = { a: "another value" };');
    expect(bundled(path.join(root, 'src/server.ts')).assetHash).not.toBe(before.assetHash);
  });

  test('can be read by the runtime, whatever the umask of this machine', () => {
    const before = process.umask(0o077);
    try {
      const { folder } = bundled(path.join(project(FILES), 'src/server.ts'));
      expect(readdirSync(folder).map(name => statSync(path.join(folder, name)).mode & 0o777)).toEqual([
        0o644, 0o644, 0o644, 0o644,
      ]);
    } finally {
      process.umask(before);
    }
  });

  test('is what the runtime is created from', () => {
    const { stack, assetHash } = bundled(path.join(project(FILES), 'src/server.ts'), { packaging: Packaging.zip() });
    Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
      AgentRuntimeArtifact: {
        CodeConfiguration: {
          Code: {
            S3: {
              Bucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' },
              Prefix: `${assetHash}.zip`,
            },
          },
          EntryPoint: ['index.js'],
          Runtime: 'NODE_22',
        },
      },
    });
  });

  test('is shared by servers with the same code', () => {
    const code = McpServerCode.fromTypeScript(path.join(project(FILES), 'src/server.ts'), {
      packaging: Packaging.zip(),
    });
    const outdir = project({});
    const stack = new Stack(new App({ outdir }), 'Stack');
    // The function that checks releases is an asset, too.
    const release = McpRelease.direct();
    new StatefulMcpServer(stack, 'One', { code, release });
    new StatefulMcpServer(stack, 'Two', { code, release });
    expect(readdirSync(outdir).filter(name => name.startsWith('asset.'))).toHaveLength(1);
  });
});
