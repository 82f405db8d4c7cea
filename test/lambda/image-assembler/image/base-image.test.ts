import { AssemblyMemory } from '../../../../lambda/image-assembler/image/assembly-memory';
import { resolveBaseImage } from '../../../../lambda/image-assembler/image/base-image';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { parseImageReference } from '../../../../lambda/image-assembler/common/image-reference';
import { DOCKER, OCI, type MediaTypes } from '../../../../lambda/image-assembler/common/media-types';
import { baseClient, closeTransports } from '../clients';
import { startFaultyRegistry, type FaultyRegistry } from '../faulty-registry';
import { PLATFORM } from '../requests';
import { type BaseImage } from '../../../../lambda/image-assembler/image/platform-image';

const { signal } = new AbortController();
let registry: FaultyRegistry;

beforeEach(async () => {
  registry = await startFaultyRegistry();
});

afterEach(async () => {
  closeTransports();
  await registry.close();
});

/** Adds what is kept as images are, with such a configuration. */
function addArtifact(mediaType: string, configuration: object): string {
  const config = registry.addBlob(JSON.stringify(configuration), mediaType);
  const layers = [registry.addBlob('content', 'application/vnd.example')];
  return addManifest(OCI.manifest, { schemaVersion: 2, mediaType: OCI.manifest, config, layers });
}

interface ImageOptions {
  readonly types?: MediaTypes;
  readonly os?: string;
  readonly architecture?: string;
  readonly layers?: readonly unknown[];
  readonly diffIds?: readonly string[];
}

/** Adds an image with one layer, or as given, and tells its digest. */
function addImage({
  types = OCI,
  os = 'linux',
  architecture = 'arm64',
  layers,
  diffIds = ['sha256:1'],
}: ImageOptions = {}): string {
  const config = registry.addBlob(
    JSON.stringify({ os, architecture, config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
    types.config,
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: layers ?? [registry.addBlob('layer', types.gzippedLayer)],
  };
  return addManifest(types.manifest, manifest);
}

function addIndex(types: MediaTypes, manifests: readonly object[]): string {
  return addManifest(types.index, { schemaVersion: 2, mediaType: types.index, manifests });
}

function addManifest(mediaType: string, manifest: object): string {
  const content = Buffer.from(JSON.stringify(manifest));
  registry.manifests.set(digestOf(content), { mediaType, content });
  registry.manifests.set('1', { mediaType, content });
  return digestOf(content);
}

function resolve(reference = '1', memory = new AssemblyMemory(), platform = PLATFORM): Promise<BaseImage> {
  const separator = reference.startsWith('sha256:') ? '@' : ':';
  return resolveBaseImage(
    baseClient(registry),
    parseImageReference(`${registry.host}/library/base${separator}${reference}`),
    platform,
    memory,
    signal,
  );
}

test.each([
  ['Docker', DOCKER],
  ['OCI', OCI],
])('an index of %s leads to the image for the platform; its own digest is reported', async (_name, types) => {
  const amd64 = addImage({ types, architecture: 'amd64' });
  const arm64 = addImage({ types });
  const index = addIndex(types, [
    { mediaType: types.manifest, digest: amd64, size: 1 },
    { mediaType: types.manifest, digest: amd64, size: 1, platform: { os: 'windows', architecture: 'arm64' } },
    { mediaType: types.manifest, digest: amd64, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
    {
      mediaType: types.manifest,
      digest: arm64,
      size: 1,
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
    },
    { mediaType: types.manifest, digest: amd64, size: 1, platform: { os: 'unknown', architecture: 'unknown' } },
  ]);
  const base = await resolve();
  expect(base).toMatchObject({ digest: index, mediaTypes: types, config: { architecture: 'arm64' } });
  expect(base.layers).toHaveLength(1);
});

test('an image without an index is taken if it is for the platform, by tag and by digest', async () => {
  const digest = addImage();
  expect((await resolve()).digest).toBe(digest);
  expect((await resolve(digest)).digest).toBe(digest);
});

test('an image without an index is asked for once, and not at all when it is known', async () => {
  const digest = addImage();
  const memory = new AssemblyMemory();
  const first = await resolve('1', memory);
  expect(registry.requests).toEqual([
    'GET library/base/manifests/1',
    expect.stringMatching(/^GET library\/base\/blobs\/sha256:/),
  ]);
  registry.requests.length = 0;
  expect(await resolve('1', memory)).toEqual(first);
  expect(await resolve(digest, memory)).toEqual(first);
  expect(registry.requests).toEqual(['GET library/base/manifests/1', `GET library/base/manifests/${digest}`]);
});

test('what is known of an image for one platform is not taken for another', async () => {
  addImage();
  const memory = new AssemblyMemory();
  await resolve('1', memory);
  for (const platform of [
    { ...PLATFORM, os: 'windows' },
    { ...PLATFORM, architecture: 'amd64' },
  ]) {
    await expect(resolve('1', memory, platform)).rejects.toMatchObject({ code: 'ERR_BASE_PLATFORM_MISSING' });
  }
});

test.each<[string, () => void, string, RegExp]>([
  ['there is no such tag', () => undefined, 'ERR_BASE_NOT_FOUND', /has no 1 in the repository library\/base/],
  [
    'an index names an image that is not there',
    () => addIndex(OCI, [{ digest: `sha256:${'0'.repeat(64)}`, platform: PLATFORM }]),
    'ERR_BASE_NOT_FOUND',
    /sha256:0/,
  ],
  [
    'the index has other platforms only',
    () =>
      addIndex(OCI, [
        { platform: { os: 'linux', architecture: 'amd64' } },
        { platform: { os: 'unknown', architecture: 'unknown' } },
      ]),
    'ERR_BASE_PLATFORM_MISSING',
    /is there for linux\/amd64, not for linux\/arm64/,
  ],
  [
    'the index has the architecture for another system, and images for no platform',
    () =>
      addIndex(OCI, [
        {},
        ...['windows', 'linux'].map((os, at) => ({ platform: { os, architecture: `arm6${4 + at}` } })),
      ]),
    'ERR_BASE_PLATFORM_MISSING',
    /is there for windows\/arm64, linux\/arm65, not for linux\/arm64/,
  ],
  ['the index has nothing', () => addIndex(OCI, []), 'ERR_BASE_PLATFORM_MISSING', /is there for no platform, not/],
  [
    'the image is for another system',
    () => addImage({ os: 'windows' }),
    'ERR_BASE_PLATFORM_MISSING',
    /is there for windows\/arm64/,
  ],
  [
    'the image is for another platform',
    () => addImage({ architecture: 'amd64' }),
    'ERR_BASE_PLATFORM_MISSING',
    /is there for linux\/amd64/,
  ],
  [
    "it is of Docker's first kind",
    () => addManifest('application/vnd.docker.distribution.manifest.v1+prettyjws', { schemaVersion: 1 }),
    'ERR_BASE_UNSUPPORTED',
    /v1\+prettyjws/,
  ],
  ...[
    ['a chart of Helm', 'application/vnd.cncf.helm.config.v1+json', { name: 'a', version: '1.0.0' }] as const,
    ['an artifact', 'application/vnd.oci.empty.v1+json', {}] as const,
    ['a signature', OCI.config, { os: '', architecture: '' }] as const,
    ['for a system alone', OCI.config, { os: 'linux' }] as const,
    ['for a processor alone', OCI.config, { architecture: 'arm64' }] as const,
  ].map(([what, type, configuration]): [string, () => void, string, RegExp] => [
    `it is ${what}`,
    () => addArtifact(type, configuration),
    'ERR_BASE_UNSUPPORTED',
    new RegExp(`has a configuration of the type "${type.replace('+', '.')}", for no platform`),
  ]),
  [
    'a layer is elsewhere',
    () =>
      addImage({
        layers: [
          { mediaType: DOCKER.gzippedLayer },
          { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' },
        ],
        diffIds: ['sha256:1', 'sha256:2'],
      }),
    'ERR_BASE_UNSUPPORTED',
    /does not hold/,
  ],
  [
    'a layer may not be passed on',
    () => addImage({ layers: [{ mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' }] }),
    'ERR_BASE_UNSUPPORTED',
    /does not hold/,
  ],
  [
    'configuration and layers do not fit',
    () => addImage({ diffIds: [] }),
    'ERR_BASE_UNSUPPORTED',
    /has 1 layers and a configuration for 0/,
  ],
])('it is refused when %s', async (_case, prepare, code, message) => {
  prepare();
  await expect(resolve()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
});

const FOR_OTHERS = { platform: { os: 'linux', architecture: 'amd64' } };

test.each<[string, () => object[]]>([
  ['an image that does not say what it is for', () => [{ digest: addImage() }]],
  ['such an image with `null`', () => [{ digest: addImage(), platform: null }]],
  ['such images of several platforms', () => [{ digest: addImage({ architecture: 'amd64' }) }, { digest: addImage() }]],
  ['such an image beside one that says it', () => [{ digest: addImage(), ...FOR_OTHERS }, { digest: addImage() }]],
  ['such an image beside a chart', () => [{ digest: addArtifact('application/vnd.a', {}) }, { digest: addImage() }]],
  ['such an image beside what was not copied', () => [{ digest: digestOf('none') }, { digest: addImage() }]],
  ['an index', () => [{ digest: addIndex(OCI, [{ digest: addImage(), platform: PLATFORM }]) }]],
  ['an index for the platform', () => [{ digest: addIndex(DOCKER, [{ digest: addImage() }]), platform: PLATFORM }]],
  [
    'an artifact for the platform before the image',
    () => [
      { digest: addArtifact('application/vnd.a', {}), artifactType: 'application/vnd.a', platform: PLATFORM },
      { digest: addImage(), platform: PLATFORM },
    ],
  ],
  [
    'an image with the type of its configuration',
    () => [{ digest: addImage(), artifactType: OCI.config, platform: PLATFORM }],
  ],
])('an index of %s leads to the image', async (_what, entries) => {
  const index = addIndex(OCI, entries());
  expect(await resolve()).toMatchObject({ digest: index, config: { architecture: 'arm64' } });
});

test('an index of one image says what that is for', async () => {
  addIndex(OCI, [{ digest: addImage({ architecture: 'amd64' }) }]);
  await expect(resolve()).rejects.toMatchObject({
    code: 'ERR_BASE_PLATFORM_MISSING',
    message: expect.stringContaining('is there for linux/amd64, not') as string,
  });
});

test('a registry that fails is not taken for an image of another platform', async () => {
  addIndex(OCI, [{ digest: addImage() }, { digest: addImage() }]);
  registry.fail(/blobs/, { status: 403 });
  await expect(resolve()).rejects.toMatchObject({ code: 'ERR_BASE_DENIED' });
});

test('an image without layers may have `null` for them', async () => {
  const config = registry.addBlob(JSON.stringify({ ...PLATFORM, rootfs: { type: 'layers', diff_ids: null } }));
  addManifest(OCI.manifest, { schemaVersion: 2, config, layers: null });
  expect(await resolve()).toMatchObject({ layers: [], config: { rootfs: { diff_ids: [] } } });
});

const DESCRIPTOR = { mediaType: OCI.gzippedLayer, digest: `sha256:${'0'.repeat(64)}`, size: 1 };

test.each<[string, () => unknown, RegExp]>([
  ['a manifest cut off', () => addText(OCI.manifest, '{"schemaVersion":2,'), /has the manifest .*, which is no JSON/],
  ['a manifest of nothing', () => addText(OCI.manifest, 'null'), /has the manifest "null", which/],
  ['an index that is a page', () => addText(OCI.index, '<html>'), /has the index "<html>", which/],
  ['an index of nothing', () => addText(OCI.index, '{"manifests":null}'), /an index without `manifests`/],
  ['no configuration', () => addManifest(OCI.manifest, { layers: [] }), /without `config` and `layers`/],
  ['one layer', () => addManifest(OCI.manifest, { config: {}, layers: {} }), /without `config` and `layers`/],
  ['a nameless configuration', () => addManifest(OCI.manifest, { config: {}, layers: [] }), /a configuration by undef/],
  [
    'a nameless layer',
    () => addImage({ layers: [{ ...DESCRIPTOR, digest: '../../x' }] }),
    /a layer by "\.\.\/\.\.\/x"/,
  ],
  ['a nameless image', () => addIndex(OCI, [{ digest: 'sha512:0', platform: PLATFORM }]), /an image by "sha512:0"/],
  ['a layer without a size', () => addImage({ layers: [{ ...DESCRIPTOR, size: '1' }] }), /without a size and a media/],
  ['a layer of nothing', () => addImage({ layers: [null] }), /names a layer by undefined/],
  ['words for a configuration', () => addConfigured('hello'), /has the configuration "hello", which/],
  ['no root', () => addConfigured(JSON.stringify(PLATFORM)), /a configuration without `rootfs.diff_ids`/],
  [
    'an encrypted layer',
    () => addImage({ layers: [{ ...DESCRIPTOR, mediaType: `${OCI.gzippedLayer}+encrypted` }] }),
    /has encrypted layers/,
  ],
])('what cannot be read is told: %s', async (_what, prepare, message) => {
  prepare();
  await expect(resolve()).rejects.toMatchObject({
    code: 'ERR_BASE_UNSUPPORTED',
    message: expect.stringMatching(message) as string,
  });
});

function addText(mediaType: string, text: string): void {
  registry.manifests.set('1', { mediaType, content: Buffer.from(text) });
}

function addConfigured(configuration: string): void {
  addManifest(OCI.manifest, { config: registry.addBlob(configuration, OCI.config), layers: [DESCRIPTOR] });
}
