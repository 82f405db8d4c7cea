// A cloud assembly synthesized by the real CDK, with the server of the fixtures in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { buildSync } from 'esbuild';

const root = path.resolve(__dirname, '..', '..');
const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'stateful-mcp-test-'));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bundles the server of the fixtures into a folder of its own. Gives back that folder. */
function bundledFolder(): string {
  const server = temporaryFolder();
  buildSync({
    absWorkingDir: root,
    entryPoints: ['test/command/fixtures/server.ts'],
    outfile: path.join(server, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    alias: { 'stateful-mcp-server': './server/src/index.ts' },
  });
  return server;
}

/** The server of the fixtures as one file. */
export function bundledServer(): string {
  return path.join(bundledFolder(), 'index.js');
}

/** Synthesizes an app with a table and one runtime for each name. Gives back the folder of the assembly. */
export function synthesizedAssembly(...runtimeNames: string[]): string {
  const server = bundledFolder();
  const app = new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });
  const stack = new Stack(app, 'Everything');
  const table = new Table(stack, 'Orders', { partitionKey: { name: 'id', type: AttributeType.STRING } });
  const code = new Asset(stack, 'Code', { path: server });
  for (const name of runtimeNames) {
    new CfnRuntime(stack, name, {
      agentRuntimeName: name,
      roleArn: 'arn:aws:iam::123456789012:role/runtime',
      networkConfiguration: { networkMode: 'PUBLIC' },
      protocolConfiguration: 'MCP',
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: code.s3BucketName, prefix: code.s3ObjectKey } },
          entryPoint: ['index.js'],
          runtime: 'NODE_22',
        },
      },
      environmentVariables: { TABLE_NAME: table.tableName },
    });
  }
  return app.synth().directory;
}
