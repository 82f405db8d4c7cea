import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImageAssemblyData } from '../../../../lib/private/image/image-assembly-contract';
import { assembleImage } from '../../../../lambda/image-assembler/assembly/assemble';
import { AssemblyMemory } from '../../../../lambda/image-assembler/image/assembly-memory';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';
import { tagOf } from '../../../../lambda/image-assembler/image/tag';
import { fileOf, zipOf } from '../archives';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type FaultyRegistry } from '../faulty-registry';
import { PROPERTIES, requestWith } from '../requests';
import { type AssemblyEnvironment } from '../../../../lambda/image-assembler/assembly/assembly-environment';

const { signal } = new AbortController();
const LAYERS = [randomBytes(100_000), randomBytes(50_000)];
let base: FaultyRegistry;
let target: FaultyRegistry;
let archive: Buffer;
const log = { begin: () => undefined, note: () => undefined };

beforeEach(async () => {
  archive = await zipOf({ 'index.js': 'console.log(1);', 'data.bin': randomBytes(300_000) });
  base = await startFaultyRegistry();
  target = await startFaultyRegistry();
  const config = base.addBlob(
    JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: ['1', '2', '1'] } }),
    OCI.config,
  );
  const [first, second] = LAYERS.map(layer => base.addBlob(layer, OCI.gzippedLayer));
  const content = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: OCI.manifest, config, layers: [first, second, first] }),
  );
  base.manifests.set('1', { mediaType: OCI.manifest, content });
});

afterEach(async () => {
  closeTransports();
  await base.close();
  await target.close();
});

function request() {
  return requestWith({ baseImage: `${base.host}/library/base:1` });
}

function environmentWith(change: Partial<AssemblyEnvironment> = {}): AssemblyEnvironment {
  return {
    base: baseClient(base),
    target: targetClient(target),
    openApplication: () => fileOf(archive),
    memory: new AssemblyMemory(),
    log,
    ...change,
  };
}

function assemble(abort = signal): Promise<ImageAssemblyData> {
  return assembleImage(request(), environmentWith(), abort);
}

/** Whether the target has the manifest and everything it names. */
function isWhole(reference: string): boolean {
  const { config, layers } = JSON.parse(target.manifests.get(reference)?.content.toString() ?? '') as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  return [config, ...layers].every(({ digest }) => target.blobs.has(digest));
}

test('the manifest comes when all that it names is there', async () => {
  target.intercept = ({ method, url = '' }) => {
    if (method === 'PUT' && url.includes('/manifests/')) {
      expect(target.blobs.size).toBe(4);
    }
    return undefined;
  };
  const { imageTag, imageDigest, imageUri } = await assemble();
  expect(imageTag).toBe(tagOf(request()));
  expect(imageUri).toBe(`${request().repositoryUri}@${imageDigest}`);
  expect(isWhole(imageTag)).toBe(true);
  expect(target.requests.at(-1)).toBe(`PUT expenses/manifests/${imageTag}`);
});

test('a layer that the base has twice is copied once', async () => {
  const { imageDigest } = await assemble();
  expect(base.requests.filter(name => name.includes('/blobs/'))).toHaveLength(3);
  expect(target.requests.filter(name => /^PUT .*uploads/.test(name))).toHaveLength(4);
  expect(
    (JSON.parse(target.manifests.get(imageDigest)?.content.toString() ?? '') as { layers: object[] }).layers,
  ).toHaveLength(4);
});

test('the application is fetched before the repository has answered, and no upload waits for the layer', async () => {
  let askedBefore = Number.NaN;
  const openApplication = async () => {
    askedBefore = target.requests.length;
    while (target.requests.filter(name => name.startsWith('POST ')).length < 2) {
      await delay(5);
    }
    return fileOf(archive);
  };
  const { imageTag } = await assembleImage(request(), environmentWith({ openApplication }), signal);
  expect(askedBefore).toBe(0);
  expect(isWhole(imageTag)).toBe(true);
});

test('where the image is there, the base registry is not asked, and an application that is gone does not matter', async () => {
  const first = await assemble();
  const asked = base.requests.length;
  const openApplication = () => Promise.reject(new Error('gone'));
  expect(await assembleImage(request(), environmentWith({ openApplication }), signal)).toEqual(first);
  expect(base.requests).toHaveLength(asked);
});

test('an application that is still being fetched when the image is found is given up', async () => {
  const first = await assemble();
  const openApplication = (abort: AbortSignal) =>
    new Promise<FileHandle>((_resolve, reject) => {
      abort.addEventListener('abort', () => reject(new Error('given up')));
    });
  expect(await assembleImage(request(), environmentWith({ openApplication }), signal)).toEqual(first);
});

test('layers of the base are copied while the application is fetched and packed', async () => {
  const openApplication = async () => {
    while (!LAYERS.every(layer => target.blobs.has(digestOf(layer)))) {
      await delay(5);
    }
    return fileOf(archive);
  };
  expect(isWhole((await assembleImage(request(), environmentWith({ openApplication }), signal)).imageTag)).toBe(true);
});

test('an application that is still being fetched when a layer cannot be copied is given up', async () => {
  base.fail(new RegExp(digestOf(LAYERS[0] ?? '')), { status: 404 });
  let given = '';
  const openApplication = (abort: AbortSignal) =>
    new Promise<FileHandle>((_resolve, reject) => {
      abort.addEventListener('abort', () => reject(new Error((given = 'given up'))));
    });
  await expect(assembleImage(request(), environmentWith({ openApplication }), signal)).rejects.toMatchObject({
    code: 'ERR_BASE_NOT_FOUND',
  });
  expect(given).toBe('given up');
});

test('an image with too many layers is refused before anything is sent', async () => {
  const diffIds = Array.from({ length: 52 }, (_, index) => String(index));
  const config = base.addBlob(
    JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: diffIds } }),
    OCI.config,
  );
  const layers = diffIds.map(id => base.addBlob(id, OCI.gzippedLayer));
  base.manifests.set('1', {
    mediaType: OCI.manifest,
    content: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI.manifest, config, layers })),
  });
  await expect(assemble()).rejects.toMatchObject({ code: 'ERR_TOO_MANY_LAYERS' });
  expect(target.requests).toEqual([`GET expenses/manifests/${tagOf(request())}`]);
});

describe('a function that has assembled an image', () => {
  let memory: AssemblyMemory;

  beforeEach(async () => {
    memory = new AssemblyMemory();
    await assembleImage(request(), environmentWith({ memory }), signal);
    archive = await zipOf({ 'index.js': 'console.log(2);' });
    base.requests.length = target.requests.length = 0;
  });

  function assembleNext(contentHash = 'f'.repeat(64)): Promise<ImageAssemblyData> {
    const application = { ...PROPERTIES.application, contentHash };
    return assembleImage(
      requestWith({ baseImage: request().baseImage.text, application }),
      environmentWith({ memory }),
      signal,
    );
  }

  test('asks for nothing of the base image that it knows, but what its tag stands for', async () => {
    expect(isWhole((await assembleNext()).imageTag)).toBe(true);
    expect(base.requests).toEqual(['GET library/base/manifests/1']);
    expect(target.requests.filter(name => name.startsWith('HEAD '))).toEqual([]);
  });

  test('compresses only what is new in the application', async () => {
    const application = { 'data.bin': randomBytes(1_000_000), 'index.js': 'console.log(3);' };
    const compress = jest.spyOn(memory.blocks, 'compress');
    const partsOfNext = async (contentHash: string) => {
      compress.mockClear();
      archive = await zipOf(application);
      expect(isWhole((await assembleNext(contentHash)).imageTag)).toBe(true);
      return Promise.all(compress.mock.results.map(({ value }) => value as Promise<Buffer>));
    };
    const before = await partsOfNext('a'.repeat(64));
    application['index.js'] = 'console.log(4);';
    const after = await partsOfNext('b'.repeat(64));
    expect(after.length).toBeGreaterThan(7);
    expect(after.filter(part => !before.includes(part))).toHaveLength(1);
  });

  test('copies a layer again that the repository has lost', async () => {
    target.blobs.delete(digestOf(LAYERS[1] ?? ''));
    target.fail(/^PUT .*manifests/, { status: 404, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' });
    expect(isWhole((await assembleNext()).imageTag)).toBe(true);
  });

  test('takes the image that a tag stands for by now', async () => {
    const config = base.addBlob(
      JSON.stringify({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: ['1'] } }),
      OCI.config,
    );
    const layers = [base.addBlob(randomBytes(1000), OCI.gzippedLayer)];
    base.manifests.set('1', {
      mediaType: OCI.manifest,
      content: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI.manifest, config, layers })),
    });
    const { imageTag } = await assembleNext();
    expect(isWhole(imageTag)).toBe(true);
    expect(
      (JSON.parse(target.manifests.get(imageTag)?.content.toString() ?? '') as { layers: object[] }).layers,
    ).toMatchObject([...layers, {}]);
  });
});

test.each([
  ['small application is sent unasked', 300_000, 2],
  ['large application is looked for first', 1_100_000, 1],
])('a %s', async (_case, size, uploads) => {
  archive = await zipOf({ 'data.bin': randomBytes(size) });
  const { imageTag } = await assemble();
  const { layers } = JSON.parse(target.manifests.get(imageTag)?.content.toString() ?? '') as {
    layers: { digest: string }[];
  };
  const digest = layers.at(-1)?.digest ?? '';
  target.manifests.clear();
  let received = 1;
  target.intercept = ({ method, url = '' }) => {
    if (method === 'PUT' && url.includes(encodeURIComponent(digest))) {
      received++;
    }
    return undefined;
  };
  expect(isWhole((await assemble()).imageTag)).toBe(true);
  expect(received).toBe(uploads);
});

test('whatever request it ends at, there is no image; the next run goes on and makes it', async () => {
  await assemble();
  const requests = target.requests.length;
  expect(requests).toBeGreaterThan(10);
  for (let ended = 0; ended < requests; ended++) {
    await target.close();
    target = await startFaultyRegistry();
    target.intercept = () => (target.requests.length > ended ? { status: 403 } : undefined);
    await expect(assemble()).rejects.toMatchObject({ code: 'ERR_REPOSITORY_DENIED' });
    expect(target.manifests.size).toBe(0);
    target.intercept = undefined;
    expect(isWhole((await assemble()).imageTag)).toBe(true);
  }
});

test('uploads that are answered before they are read are done again', async () => {
  target.fail(/^PUT .*uploads/, { status: 503 }, { status: 503 }, { status: 503 });
  target.fail(/^PUT .*uploads/, 'none', 'none', { status: 503 });
  expect(isWhole((await assemble()).imageTag)).toBe(true);
});

test('a layer that the registry forgets before the manifest is sent again', async () => {
  let forgotten = false;
  target.intercept = ({ method, url = '' }) => {
    if (method !== 'PUT' || !url.includes('/manifests/') || forgotten) {
      return undefined;
    }
    forgotten = true;
    target.blobs.delete(digestOf(LAYERS[0] ?? ''));
    return { status: 404, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' };
  };
  expect(isWhole((await assemble()).imageTag)).toBe(true);
});

test('an image of the same inputs that another run puts under the tag is taken, whatever its base is by now', async () => {
  const other = await assemble();
  const { content, mediaType } = target.manifests.get(other.imageTag) ?? { content: Buffer.alloc(0), mediaType: '' };
  target.manifests.clear();
  base.manifests.set('1', {
    mediaType: OCI.manifest,
    content: Buffer.from(base.manifests.get('1')?.content.toString().replace('}', ' }') ?? ''),
  });
  target.intercept = ({ method, url = '' }) => {
    if (method !== 'PUT' || !url.includes('/manifests/')) {
      return undefined;
    }
    target.manifests.set(other.imageTag, { content, mediaType });
    return { status: 400, body: '{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}' };
  };
  expect(await assemble()).toEqual(other);
});

test.each<[string, () => { mediaType: string; content: Buffer }]>([
  [
    'an image without our labels',
    () => {
      const config = target.addBlob('{"config":{}}', OCI.config);
      return { mediaType: OCI.manifest, content: Buffer.from(JSON.stringify({ config, layers: [] })) };
    },
  ],
  ['an index', () => ({ mediaType: OCI.index, content: Buffer.from('{"manifests":[]}') })],
])('a tag that is on %s is left alone', async (_case, other) => {
  const there = other();
  target.manifests.set(tagOf(request()), there);
  await expect(assemble()).rejects.toMatchObject({ code: 'ERR_TAG_TAKEN' });
  expect(target.manifests.get(tagOf(request()))).toBe(there);
});

test('a manifest that the registry will not have fails with what it says', async () => {
  target.fail(
    /^PUT .*manifests/,
    { status: 400, body: 'one' },
    { status: 400, body: '{"errors":[{"code":"MANIFEST_INVALID","message":"two"}]}' },
  );
  await expect(assemble()).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    message: expect.stringContaining('MANIFEST_INVALID two') as string,
  });
});

test('a damaged archive leaves no image', async () => {
  const damaged = Buffer.from(archive);
  damaged.fill(0, 60, 1000);
  await expect(
    assembleImage(request(), environmentWith({ openApplication: () => fileOf(damaged) }), signal),
  ).rejects.toMatchObject({ code: 'ERR_APPLICATION_INVALID' });
  expect(target.manifests.size).toBe(0);
});

test('an assembly that is told to stop stops, and says why', async () => {
  const stop = new AbortController();
  base.intercept = ({ url = '' }) => {
    if (!url.includes(digestOf(LAYERS[0] ?? ''))) {
      return undefined;
    }
    setImmediate(() => stop.abort(new Error('out of time')));
    return { silent: true };
  };
  await expect(assemble(stop.signal)).rejects.toThrow('out of time');
  expect(target.manifests.size).toBe(0);
});
