import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { bundledExpenseTracker, zipped, type Application } from '../containers/application';
import { pushRandomImage } from '../containers/base-image';
import { startBucket, type Bucket } from '../registries/bucket';
import { createCertificates, type Certificates } from '../registries/certificates';
import { endAll, onEnd } from './disposal';
import { ECR_REGISTRY, startEcrDouble } from '../registries/ecr-double';
import { ImageAssembler, PROGRAM, type RunOptions } from './image-assembler';
import { Podman } from '../containers/podman';
import { run } from '../containers/program';
import { startRegistry, type Registry } from '../registries/registry';

// The same inputs give the same digest, wherever and by whatever they are assembled. Each run has a repository of its
// own, which knows nothing yet.

let certificates: Certificates;
let baseRegistry: Registry;
let bucket: Bucket;

beforeAll(async () => {
  certificates = await createCertificates();
  baseRegistry = await startRegistry({ certificates, tls: true });
  bucket = await startBucket();
  await pushRandomImage(new Podman(), `${baseRegistry.host}/base:1`, [100_000]);
});

afterAll(endAll);

async function digestOf(
  application: Application,
  options: RunOptions & Partial<ImageAssemblyProperties> = {},
): Promise<string | undefined> {
  const { nodeFolder, handlerFolder, ...change } = options;
  const store = await startRegistry({ relativeLocations: true });
  const ecr = await startEcrDouble(certificates, store.url, ['expenses']);
  const assembler = await new ImageAssembler({ certificates, bucketEndpoint: bucket.endpoint, ecr }).start();
  const properties = {
    ...PROGRAM,
    repositoryUri: `${ECR_REGISTRY}/expenses`,
    baseImage: `${baseRegistry.host}/base:1`,
    ...change,
  };
  const { data, reason } = await assembler.assemble(
    { ...properties, application: await bucket.put(application) },
    { nodeFolder, handlerFolder },
  );
  expect(reason).toBeUndefined();
  return data?.imageDigest;
}

test('two runs, from two folders, by three versions of Node.js, with files zipped in another order, at another time, with other modes', async () => {
  const files = {
    ...bundledExpenseTracker(),
    'templates/report.txt': 'report',
    [`${'a-long/path/'.repeat(12)}file.txt`]: 'long',
    'größe.txt': 'ü',
  };
  const application = await zipped(files);
  const first = await digestOf(application);
  expect(first).toMatch(/^sha256:[a-f0-9]{64}$/);

  const handlerFolder = mkdtempSync(path.join(tmpdir(), 'image-test-another-folder-'));
  onEnd(() => rmSync(handlerFolder, { recursive: true }));
  cpSync(path.join(__dirname, '../../../assets/image-assembler'), handlerFolder, { recursive: true });
  expect(await digestOf(application, { handlerFolder })).toBe(first);

  for (const version of ['22.23.3', '24.21.0']) {
    const nodeFolder = (await run('bash', [path.join(__dirname, '../../../scripts/node-version.sh'), version])).trim();
    expect(await digestOf(application, { nodeFolder })).toBe(first);
  }

  const otherwise = await zipped(
    Object.fromEntries(Object.entries(files).reverse()),
    new Date('2026-05-05T05:05:05Z'),
    0o100_755,
  );
  expect(otherwise.archive.equals(application.archive)).toBe(false);
  expect(await digestOf(otherwise)).toBe(first);
});

test.each<[string, Partial<ImageAssemblyProperties>]>([
  ['the entry point', { entrypoint: ['node', '--enable-source-maps', 'index.js'] }],
  ['the user', { user: '1001' }],
  ['the environment', { environment: { NODE_ENV: 'production' } }],
  ['a label', { labels: { team: 'finance' } }],
])('%s makes another image', async (_case, change) => {
  const application = await zipped({ 'index.js': '1' });
  expect(await digestOf(application, change)).not.toBe(await digestOf(application));
});
