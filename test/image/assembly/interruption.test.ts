import { once } from 'node:events';
import type { ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { zipped } from '../containers/application';
import { pushRandomImage } from '../containers/base-image';
import { startBucket, type Bucket } from '../registries/bucket';
import { createCertificates, type Certificates } from '../registries/certificates';
import { startCuttingProxy } from '../registries/cutting-proxy';
import { endAll } from './disposal';
import { ECR_REGISTRY, startEcrDouble, type EcrDouble } from '../registries/ecr-double';
import { ImageAssembler, PROGRAM } from './image-assembler';
import { Podman } from '../containers/podman';
import { until } from '../containers/program';
import { ANY_MANIFEST, startRegistry, type Registry } from '../registries/registry';

// What breaks on the way, with real connections and processes. Faults in what a registry answers are in test/lambda.

const MIB = 1024 * 1024;
const LAYER = 24 * MIB;

let certificates: Certificates;
let baseRegistry: Registry;
let store: Registry;
let bucket: Bucket;
let ecr: EcrDouble;
let assembler: ImageAssembler;
let properties: ImageAssemblyProperties;

beforeAll(async () => {
  certificates = await createCertificates();
  baseRegistry = await startRegistry({ certificates, tls: true, authentication: 'token' });
  bucket = await startBucket();
  const podman = new Podman();
  await pushRandomImage(podman, `${baseRegistry.host}/base:1`, [LAYER, 1000]);
});

beforeEach(async () => {
  store = await startRegistry({ relativeLocations: true });
  ecr = await startEcrDouble(certificates, store.url, ['expenses']);
  assembler = await new ImageAssembler({ certificates, bucketEndpoint: bucket.endpoint, ecr }).start();
  properties = {
    ...PROGRAM,
    repositoryUri: `${ECR_REGISTRY}/expenses`,
    baseImage: `${baseRegistry.host}/base:1`,
    application: await bucket.put(await zipped({ 'index.js': 'console.log(1);' })),
  };
});

afterAll(endAll);

/** Whether the repository has a whole image under the tag; undefined where it has none. */
async function wholeImage(reference: string): Promise<boolean | undefined> {
  const manifest = await fetch(`${store.url}/v2/expenses/manifests/${reference}`, { headers: ANY_MANIFEST });
  if (!manifest.ok) {
    return undefined;
  }
  const { config, layers } = (await manifest.json()) as { config: { digest: string }; layers: { digest: string }[] };
  const blobs = await Promise.all(
    [config, ...layers].map(({ digest }) => fetch(`${store.url}/v2/expenses/blobs/${digest}`, { method: 'HEAD' })),
  );
  return blobs.every(blob => blob.ok);
}

function blobRequests(method: string): string[] {
  return ecr.requests().filter(request => request.startsWith(`${method} `) && request.includes('/blobs/'));
}

test('a download that breaks twice in the middle of a layer goes on where it was', async () => {
  const proxy = await startCuttingProxy(Number(baseRegistry.host.split(':')[1]), {
    connections: 2,
    afterBytes: LAYER / 3,
  });
  const before = baseRegistry.requests().length;
  const { status, data, reason } = await assembler.assemble({ ...properties, baseImage: `${proxy.host}/base:1` });
  expect({ status, reason }).toEqual({ status: 'SUCCESS', reason: undefined });
  expect(proxy.cuts()).toBe(2);
  expect(
    baseRegistry
      .requests()
      .slice(before)
      .filter(request => request.endsWith(' 206')),
  ).toHaveLength(2);
  // What had arrived was passed on: the upload did not start again.
  expect(ecr.uploadedBytes()).toBeLessThan(LAYER + 100_000);
  expect(await wholeImage(data?.imageDigest ?? '')).toBe(true);
});

test('an upload that breaks in the middle of a layer starts again from another location', async () => {
  ecr.breakNextUploadAt(LAYER / 2);
  const { status, data } = await assembler.assemble(properties);
  expect(status).toBe('SUCCESS');
  expect(ecr.uploadedBytes()).toBeGreaterThan(LAYER * 1.4);
  expect(blobRequests('PUT').filter(request => request.endsWith(' 416'))).toEqual([]);
  expect(await wholeImage(data?.imageDigest ?? '')).toBe(true);
});

test('a token that expires in the middle is renewed', async () => {
  const run = assembler.run(properties);
  await until(() => blobRequests('POST').length > 0, 'the first upload starts');
  ecr.expireTokens();
  const { status, data } = await run.outcome;
  expect(status).toBe('SUCCESS');
  expect(ecr.tokensIssued()).toBeGreaterThan(1);
  expect(ecr.requests().filter(request => request.endsWith(' 403')).length).toBeGreaterThan(0);
  expect(await wholeImage(data?.imageDigest ?? '')).toBe(true);
});

test('a handler that is killed at any point leaves no half image, and the next one goes on', async () => {
  const killedAt = [0, 0.3, 0.6, 0.99].map(part => part * LAYER);
  for (const bytes of killedAt) {
    const held = ecr.holdNextUploadAt(bytes);
    const run = assembler.run(properties);
    run.outcome.catch(() => undefined);
    await held;
    run.process.kill('SIGKILL');
    await once(run.process, 'close');
    expect(ecr.requests().filter(request => request.startsWith('PUT ') && request.includes('/manifests/'))).toEqual([]);
  }
  const { status, data } = await assembler.assemble(properties);
  expect(status).toBe('SUCCESS');
  expect(await wholeImage(data?.imageTag ?? '')).toBe(true);
});

test('four handlers that assemble the same image at once agree on it', async () => {
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => assembler.assemble(properties)));
  expect(outcomes.map(({ reason }) => reason)).toEqual([undefined, undefined, undefined, undefined]);
  expect(new Set(outcomes.map(({ data }) => data?.imageDigest)).size).toBe(1);
  expect(await wholeImage(outcomes[0]?.data?.imageTag ?? '')).toBe(true);
  expect(ecr.requests().filter(request => /^PUT .*\/manifests\/.* 201$/.test(request))).toHaveLength(1);
});

test('when the time is up, the deployment is told where it was, and the next one goes on', async () => {
  const held = ecr.holdNextUploadAt(LAYER / 2);
  // 30 seconds are kept for the answer.
  const run = assembler.run(properties, { timeLimitMs: 35_000 });
  await held;
  const { status, reason } = await run.outcome;
  expect(status).toBe('FAILED');
  expect(reason).toMatch(/^ERR_OUT_OF_TIME: the time limit of the function came while copying the 2 layers/);
  const { status: later } = await assembler.assemble(properties);
  expect(later).toBe('SUCCESS');
});
