import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true });
  }
});

/** A folder that the end of the test file removes. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-local-'));
  folders.push(folder);
  return folder;
}

export interface StackFiles {
  readonly template: object;
  readonly environment?: string;
  readonly stackName?: string;
}

/** Writes a cloud assembly as the CDK does, with one asset folder for all runtimes. */
export function writeAssembly(
  stacks: Readonly<Record<string, StackFiles>>,
  files: Readonly<Record<string, string>> = {},
  version = '53.0.0',
): string {
  const folder = newFolder();
  const artifacts: Record<string, object> = {};
  for (const [name, { template, environment = 'aws://unknown-account/unknown-region', stackName }] of Object.entries(
    stacks,
  )) {
    write(path.join(folder, `${name}.template.json`), template);
    write(path.join(folder, `${name}.assets.json`), {
      version,
      files: {
        code: {
          source: { path: 'asset.code', packaging: 'zip' },
          destinations: { here: { bucketName: 'cdk-assets-${AWS::AccountId}-${AWS::Region}', objectKey: 'code.zip' } },
        },
        zipped: {
          source: { path: 'asset.zipped.zip', packaging: 'file' },
          destinations: { here: { bucketName: 'cdk', objectKey: 'zipped.zip' } },
        },
        missing: {
          source: { path: 'asset.missing', packaging: 'zip' },
          destinations: { here: { bucketName: 'cdk', objectKey: 'missing.zip' } },
        },
      },
    });
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment,
      properties: { templateFile: `${name}.template.json`, ...(stackName !== undefined && { stackName }) },
    };
  }
  artifacts.Tree = { type: 'cdk:tree', properties: { file: 'tree.json' } };
  write(path.join(folder, 'manifest.json'), { version, artifacts });
  for (const [file, content] of Object.entries({
    'asset.code/server.mjs': SERVER,
    'asset.zipped.zip': 'PK',
    ...files,
  })) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

/** A runtime of a template. */
export function runtimeResource(properties: object = {}, code: object = {}): object {
  return {
    Type: 'AWS::BedrockAgentCore::Runtime',
    Properties: {
      AgentRuntimeName: 'my_mcp',
      ProtocolConfiguration: 'MCP',
      AgentRuntimeArtifact: {
        CodeConfiguration: {
          Code: { S3: { Bucket: { 'Fn::Sub': 'cdk-${AWS::Region}' }, Prefix: 'code.zip' } },
          EntryPoint: ['server.mjs'],
          Runtime: 'NODE_22',
          ...code,
        },
      },
      RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
      ...properties,
    },
  };
}

/** A runtime of a template whose image is made of a program during the deployment. */
export function imageRuntimeResource(program: object = {}): object {
  return {
    Type: 'AWS::BedrockAgentCore::Runtime',
    Metadata: {
      'cdk-stateful-mcp:program': {
        assetObjectKey: 'code.zip',
        command: ['node', 'server.mjs'],
        baseImage: 'node:24-slim',
        ...program,
      },
    },
    Properties: {
      AgentRuntimeName: 'my_mcp',
      ProtocolConfiguration: 'MCP',
      AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: { 'Fn::GetAtt': ['Image', 'imageUri'] } } },
      RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    },
  };
}

/** A table of a template with the partition key `id`. */
export function tableResource(properties: object = {}, type = 'AWS::DynamoDB::Table'): object {
  return {
    Type: type,
    Properties: {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...properties,
    },
  };
}

/** Answers every request with its environment and folder. */
export const PYTHON_SERVER = `
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['content-length'] or 0))
        body = json.dumps({'result': {'environment': dict(os.environ), 'cwd': os.getcwd()}}).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
print('python is starting')
http.server.HTTPServer((os.environ['HOST'], int(os.environ['PORT'])), Handler).serve_forever()
`;

/** Answers every request with its process, as `tools/call describe` of the session server does. */
const SERVER = `
import { createServer } from 'node:http';
createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ result: { pid: process.pid, cwd: process.cwd(), environment: process.env, headers: request.headers, url: request.url } }));
}).listen(process.env.PORT, process.env.HOST);
`;

function write(file: string, content: object): void {
  writeFileSync(file, JSON.stringify(content));
}
