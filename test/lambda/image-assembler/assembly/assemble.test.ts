import type { FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { assembleImage } from '../../../../lambda/image-assembler/assembly/assemble';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';
import { tagOf } from '../../../../lambda/image-assembler/image/tag';
import { fileOf } from '../archives';
import {
  archive,
  assemble,
  base,
  environmentWith,
  isWhole,
  LAYERS,
  request,
  signal,
  target,
  useBase,
} from './assemblies';

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
  expect(target.requests.filter(name => /^POST .*uploads/.test(name))).toHaveLength(4);
  expect(
    (JSON.parse(target.manifests.get(imageDigest)?.content.toString() ?? '') as { layers: object[] }).layers,
  ).toHaveLength(4);
});

test('a large layer that the repository lacks is looked for once', async () => {
  const layer = base.addBlob(randomBytes(1_100_000), OCI.gzippedLayer);
  useBase([layer]);
  const { imageTag } = await assemble();
  expect(isWhole(imageTag)).toBe(true);
  expect(target.requests.filter(name => name.startsWith('HEAD '))).toEqual([`HEAD expenses/blobs/${layer.digest}`]);
});

test('nothing is mounted from another registry', async () => {
  const mounts: string[] = [];
  target.intercept = ({ url = '' }) => {
    mounts.push(...(url.includes('mount=') ? [url] : []));
    return undefined;
  };
  await assemble();
  expect(mounts).toEqual([]);
});

test('the application is fetched before the repository has answered, and no upload waits for the layer', async () => {
  let askedBefore = Number.NaN;
  const openApplication = async () => {
    askedBefore = target.requests.length;
    // Those of two layers of the base image, of the configuration and of the application.
    while (target.requests.filter(name => name.startsWith('POST ')).length < 4) {
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
  useBase(Array.from({ length: 52 }, (_, index) => base.addBlob(String(index), OCI.gzippedLayer)));
  await expect(assemble()).rejects.toMatchObject({ code: 'ERR_TOO_MANY_LAYERS' });
  expect(target.requests).toEqual([`GET expenses/manifests/${tagOf(request())}`]);
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
  const uploads = target.requests.filter(name => /^PUT .*uploads/.test(name));
  expect(new Set(uploads).size).toBe(uploads.length);
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

test('a damaged archive leaves no image', async () => {
  const damaged = Buffer.from(archive);
  damaged.fill(0, 60, 1000);
  await expect(
    assembleImage(request(), environmentWith({ openApplication: () => fileOf(damaged) }), signal),
  ).rejects.toMatchObject({ code: 'ERR_APPLICATION_INVALID' });
  expect(target.manifests.size).toBe(0);
});
