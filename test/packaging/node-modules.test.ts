import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Packaging, type TypeScriptCodeOptions } from '../../lib';
import { foreignBinaries } from '../../lib/private/program/native-binaries';
import { filesBelow } from '../../lib/private/program/program-files';
import { bundled, project, removeProjects, type Synthesized } from '../lib/fixtures/projects';

afterEach(removeProjects);

/** A project with these packages installed for this machine. */
function installed(source: string, packages: string[]): string {
  const root = project({ 'package.json': '{ "name": "server", "private": true }', 'server.ts': source });
  execFileSync('npm', ['install', '--save-exact', '--no-audit', '--no-fund', ...packages], {
    cwd: root,
    stdio: 'pipe',
  });
  return root;
}

const bundle = (root: string, options: TypeScriptCodeOptions): Synthesized =>
  bundled(path.join(root, 'server.ts'), options);

test('sharp travels along for arm64, in the versions of the lock file', () => {
  const root = installed('import sharp from "sharp"; console.log(sharp.versions);', ['sharp@0.34.5']);
  const { folder } = bundle(root, { nodeModules: ['sharp'] });
  const files = filesBelow(folder);
  const binaries = files.filter(({ name }) => /\.(?:node|so[\d.]*)$/.test(name));
  expect(binaries.length).toBeGreaterThan(1);
  expect(foreignBinaries(files)).toEqual([]);
  expect(readdirSync(path.join(folder, 'node_modules/@img')).sort()).toEqual(
    expect.arrayContaining(['sharp-libvips-linux-arm64', 'sharp-linux-arm64']),
  );
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  for (const { name } of files.filter(file => /^node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file.name))) {
    const { version } = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { version: string };
    expect([name, version]).toEqual([name, packages[path.posix.dirname(name)]?.version]);
  }
});

/** Where spans are sent to. */
async function collector(): Promise<{ server: Server; port: number; spans: Promise<string> }> {
  let received: (url: string) => void;
  const spans = new Promise<string>(resolve => (received = resolve));
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end());
    received(`${request.method} ${request.url}`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as AddressInfo).port, spans };
}

test('the bundle of an instrumented server sends spans of its requests', async () => {
  const source = `import { createServer } from 'node:http';
const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));
`;
  const root = installed(source, ['@aws/aws-distro-opentelemetry-node-autoinstrumentation@0.13.0']);
  const { folder, stack } = bundle(root, { telemetry: true, packaging: Packaging.image() });
  const [image] = Object.values(Template.fromStack(stack).findResources('Custom::ImageAssembly')) as {
    Properties: { entrypoint: string[] };
  }[];
  const [, ...args] = image?.Properties.entrypoint ?? [];
  const { server, port, spans } = await collector();
  const program = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  try {
    for await (const chunk of program.stdout) {
      const [, serverPort] = /"port":(\d+)/.exec(String(chunk)) ?? [];
      if (serverPort !== undefined) {
        expect(await (await fetch(`http://127.0.0.1:${serverPort}/mcp`)).text()).toBe('hello');
        break;
      }
    }
    expect(await spans).toBe('POST /v1/traces');
  } finally {
    // The instrumentation takes SIGTERM for itself.
    program.kill('SIGKILL');
    server.close();
    server.closeAllConnections();
  }
});
