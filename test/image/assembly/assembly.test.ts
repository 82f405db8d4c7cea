import type { ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { bundledExpenseTracker, zipped } from '../containers/application';
import { pushRandomImage } from '../containers/base-image';
import { startBucket, type Bucket } from '../registries/bucket';
import { createCertificates } from '../registries/certificates';
import { endAll } from './disposal';
import { ECR_REGISTRY, startEcrDouble, type EcrDouble } from '../registries/ecr-double';
import { ImageAssembler, PROGRAM } from './image-assembler';
import { Podman } from '../containers/podman';
import { ANY_MANIFEST, startRegistry, type Registry } from '../registries/registry';

// From a registry with TLS and tokens into Amazon ECR, by the shipped handler in a process of its own.

const MIB = 1024 * 1024;

let baseRegistry: Registry;
let store: Registry;
let ecr: EcrDouble;
let bucket: Bucket;
let assembler: ImageAssembler;
let properties: ImageAssemblyProperties;

beforeAll(async () => {
  const certificates = await createCertificates();
  const podman = new Podman();
  baseRegistry = await startRegistry({ certificates, tls: true, authentication: 'token' });
  store = await startRegistry({ relativeLocations: true });
  ecr = await startEcrDouble(certificates, store.url, ['expenses', 'other']);
  bucket = await startBucket();
  assembler = await new ImageAssembler({ certificates, bucketEndpoint: bucket.endpoint, ecr }).start();
  await pushRandomImage(podman, `${baseRegistry.host}/library/base:oci`, [3 * MIB, 1000], 'oci');
  await pushRandomImage(podman, `${baseRegistry.host}/library/base:docker`, [2 * MIB], 'v2s2');
  properties = {
    ...PROGRAM,
    repositoryUri: `${ECR_REGISTRY}/expenses`,
    baseImage: `${baseRegistry.host}/library/base:oci`,
    application: await bucket.put(await zipped(bundledExpenseTracker())),
    environment: { NODE_ENV: 'production' },
    labels: { team: 'finance' },
  };
});

afterAll(endAll);

interface Stored {
  readonly mediaType: string;
  readonly manifest: {
    readonly config: { digest: string; mediaType: string };
    readonly layers: { digest: string; mediaType: string; size: number }[];
  };
  readonly config: {
    readonly architecture: string;
    readonly config: Record<string, unknown>;
    readonly rootfs: { diff_ids: string[] };
  };
}

/** What the registry really holds, read without any of our code. */
async function stored(reference: string): Promise<Stored> {
  const response = await fetch(`${store.url}/v2/expenses/manifests/${reference}`, { headers: ANY_MANIFEST });
  const manifest = (await response.json()) as Stored['manifest'];
  const config = (await fetch(`${store.url}/v2/expenses/blobs/${manifest.config.digest}`).then(blob =>
    blob.json(),
  )) as Stored['config'];
  return { mediaType: response.headers.get('content-type') ?? '', manifest, config };
}

test('a base image of OCI, an application and a configuration become an image under its tag', async () => {
  const { status, data, reason } = await assembler.assemble(properties);
  expect({ status, reason }).toEqual({ status: 'SUCCESS', reason: undefined });
  expect(data?.imageUri).toBe(`${ECR_REGISTRY}/expenses@${data?.imageDigest}`);
  expect(data?.imageTag).toMatch(
    new RegExp(`^code-${properties.application.contentHash.slice(0, 12)}-on-base-oci-[a-f0-9]{16}$`),
  );

  const byTag = await stored(data?.imageTag ?? '');
  expect(await stored(data?.imageDigest ?? '')).toEqual(byTag);
  expect(byTag.mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  expect(byTag.manifest.layers).toHaveLength(3);
  expect(byTag.config.architecture).toBe('arm64');
  expect(byTag.config.config).toMatchObject({
    User: '1000',
    WorkingDir: '/app',
    Entrypoint: ['node', 'index.js'],
    ExposedPorts: { '8000/tcp': {} },
    Labels: { team: 'finance', 'org.opencontainers.image.base.digest': data?.baseImageDigest },
  });
  expect(byTag.config.config.Env).toEqual(expect.arrayContaining(['LEVEL=base', 'NODE_ENV=production']));
});

test('a permission that has not taken effect yet is waited for', async () => {
  ecr.denyNextToken();
  expect(await assembler.assemble(properties)).toMatchObject({ status: 'SUCCESS' });
});

test('the same properties again cost no upload and do not ask the registry of the base image', async () => {
  const first = await assembler.assemble(properties);
  const before = { uploaded: ecr.uploadedBytes(), asked: baseRegistry.requests().length };
  const second = await assembler.assemble(properties);
  expect(second.data).toEqual(first.data);
  expect({ uploaded: ecr.uploadedBytes(), asked: baseRegistry.requests().length }).toEqual(before);
});

test('after a change of one line, less than 360 KB are uploaded, and the earlier image stays for a rollback', async () => {
  const earlier = await assembler.assemble(properties);
  const before = ecr.uploadedBytes();
  const changed = {
    ...properties,
    application: await bucket.put(await zipped(bundledExpenseTracker('console.error("a line more");'))),
  };
  const later = await assembler.assemble(changed, { requestType: 'Update' });
  expect(later.status).toBe('SUCCESS');
  expect(later.data?.imageDigest).not.toBe(earlier.data?.imageDigest);
  expect(ecr.uploadedBytes() - before).toBeLessThan(360_000);

  const rolledBack = await assembler.assemble(properties, { requestType: 'Update' });
  expect(rolledBack.data).toEqual(earlier.data);
});

test('a tag of the base image that moves does not change what was assembled; a new application is put on the new base', async () => {
  const certificates = await createCertificates();
  const podman = new Podman();
  const plain = await startRegistry({ certificates, tls: true });
  const moving = await new ImageAssembler({
    certificates,
    bucketEndpoint: bucket.endpoint,
    ecr: await startEcrDouble(certificates, store.url, ['moving']),
  }).start();
  const request = { ...properties, repositoryUri: `${ECR_REGISTRY}/moving`, baseImage: `${plain.host}/base:1` };
  await pushRandomImage(podman, request.baseImage, [1000]);
  const first = await moving.assemble(request);
  await pushRandomImage(podman, request.baseImage, [1000]);
  const again = await moving.assemble(request, { requestType: 'Update' });
  const next = await moving.assemble(
    { ...request, application: await bucket.put(await zipped({ 'index.js': '1' })) },
    { requestType: 'Update' },
  );
  expect(again.data).toEqual(first.data);
  expect(next.data?.baseImageDigest).toMatch(/^sha256:/);
  expect(next.data?.baseImageDigest).not.toBe(first.data?.baseImageDigest);
});

test('an image on a base of Docker is an image of Docker', async () => {
  const { data } = await assembler.assemble({ ...properties, baseImage: `${baseRegistry.host}/library/base:docker` });
  const { mediaType, manifest } = await stored(data?.imageTag ?? '');
  expect(mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
  expect(manifest.config.mediaType).toBe('application/vnd.docker.container.image.v1+json');
  expect(new Set(manifest.layers.map(layer => layer.mediaType))).toEqual(
    new Set(['application/vnd.docker.image.rootfs.diff.tar.gzip']),
  );
});

test('a base image by digest needs no tag', async () => {
  const { data } = await assembler.assemble(properties);
  const byDigest = await assembler.assemble({
    ...properties,
    baseImage: `${baseRegistry.host}/library/base@${data?.baseImageDigest}`,
  });
  expect(byDigest.data?.baseImageDigest).toBe(data?.baseImageDigest);
  expect(byDigest.data?.imageTag).toContain(
    `-on-base-${data?.baseImageDigest.slice('sha256:'.length, 'sha256:'.length + 12)}-`,
  );
});

test('deleting the resource leaves the images where they are', async () => {
  const { data, physicalResourceId } = await assembler.assemble(properties);
  const before = ecr.requests().length;
  const deleted = await assembler.assemble(properties, { requestType: 'Delete' });
  expect(deleted).toMatchObject({ status: 'SUCCESS', physicalResourceId });
  expect(ecr.requests()).toHaveLength(before);
  expect((await stored(data?.imageDigest ?? '')).manifest.layers).toHaveLength(3);
});

test.each([
  [
    'a repository that does not exist',
    () => ({ repositoryUri: `${ECR_REGISTRY}/missing` }),
    'ERR_REPOSITORY_NOT_FOUND',
  ],
  [
    'a base image that does not exist',
    () => ({ baseImage: `${baseRegistry.host}/library/base:missing` }),
    'ERR_BASE_NOT_FOUND',
  ],
  ['a root user', () => ({ user: '0' }), 'ERR_PROPERTIES_INVALID'],
  [
    'an application that is not in the bucket',
    () => ({ application: { ...properties.application, objectKey: 'missing', contentHash: 'aaaaaaaa' } }),
    'ERR_APPLICATION_NOT_FOUND',
  ],
])('%s fails the deployment with its own reason', async (_case, change, code) => {
  const { status, reason, data } = await assembler.assemble({ ...properties, ...change() });
  expect(status).toBe('FAILED');
  expect(reason).toMatch(new RegExp(`^${code}: `));
  expect(data).toBeUndefined();
});
