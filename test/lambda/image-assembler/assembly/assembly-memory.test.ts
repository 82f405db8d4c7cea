import { randomBytes } from 'node:crypto';
import type { ImageAssemblyData } from '../../../../lib/private/image/image-assembly-contract';
import { assembleImage } from '../../../../lambda/image-assembler/assembly/assemble';
import { AssemblyMemory } from '../../../../lambda/image-assembler/image/assembly-memory';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';
import { zipOf } from '../archives';
import { PROPERTIES, requestWith } from '../requests';
import { base, environmentWith, isWhole, LAYERS, request, signal, target, useArchive, useBase } from './assemblies';

describe('a function that has assembled an image', () => {
  let memory: AssemblyMemory;

  beforeEach(async () => {
    memory = new AssemblyMemory();
    await assembleImage(request(), environmentWith({ memory }), signal);
    useArchive(await zipOf({ 'index.js': 'console.log(2);' }));
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
      useArchive(await zipOf(application));
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
    const layers = [base.addBlob(randomBytes(1000), OCI.gzippedLayer)];
    useBase(layers);
    const { imageTag } = await assembleNext();
    expect(isWhole(imageTag)).toBe(true);
    expect(
      (JSON.parse(target.manifests.get(imageTag)?.content.toString() ?? '') as { layers: object[] }).layers,
    ).toMatchObject([...layers, {}]);
  });
});
