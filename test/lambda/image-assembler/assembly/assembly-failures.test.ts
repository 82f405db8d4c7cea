import { randomBytes } from 'node:crypto';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';
import { tagOf } from '../../../../lambda/image-assembler/image/tag';
import { zipOf } from '../archives';
import { assemble, base, isWhole, LAYERS, renewTarget, request, target, useArchive } from './assemblies';

test.each([
  ['small application is sent unasked', 300_000, 2],
  ['large application is looked for first', 1_100_000, 1],
])('a %s', async (_case, size, uploads) => {
  useArchive(await zipOf({ 'data.bin': randomBytes(size) }));
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
    await renewTarget();
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
