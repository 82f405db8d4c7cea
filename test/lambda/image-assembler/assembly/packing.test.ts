import { randomBytes } from 'node:crypto';
import { Packing } from '../../../../lambda/image-assembler/assembly/packing';
import * as temporaryFiles from '../../../../lambda/image-assembler/layer/temporary-file';
import { zipOf } from '../archives';
import { assemble, environmentWith, request, signal, target, useArchive } from './assemblies';

// Two temporary files: the archive, and a layer that is too large for the memory.

jest.mock('../../../../lambda/image-assembler/layer/temporary-file', () => {
  const real = jest.requireActual<typeof temporaryFiles>('../../../../lambda/image-assembler/layer/temporary-file');
  return { ...real, temporaryFile: jest.fn(real.temporaryFile) };
});

const opened = jest.mocked(temporaryFiles.temporaryFile);

beforeEach(async () => {
  useArchive(await zipOf({ 'data.bin': randomBytes(3_000_000) }));
  opened.mockClear();
});

/** How many temporary files there were, and how many of them are open. */
async function temporary(): Promise<{ files: number; open: number }> {
  const files = await Promise.all(opened.mock.results.map(({ value }) => value as ReturnType<typeof opened>));
  return { files: files.length, open: files.filter(({ fd }) => fd !== -1).length };
}

test('an assembly leaves no file open', async () => {
  await assemble();
  expect(await temporary()).toEqual({ files: 2, open: 0 });
});

test('an assembly whose image is refused leaves no file open', async () => {
  target.fail(/^PUT .*manifests/, { status: 400 }, { status: 400 });
  await expect(assemble()).rejects.toMatchObject({ code: 'ERR_REGISTRY_REFUSED' });
  expect(await temporary()).toEqual({ files: 2, open: 0 });
});

test('the digest of the uncompressed layer is known before the layer is compressed', async () => {
  useArchive(await zipOf({ 'index.js': 'console.log(1);' }));
  const environment = environmentWith();
  const { blocks } = environment.memory;
  const compress = blocks.compress.bind(blocks);
  jest.spyOn(blocks, 'compress').mockImplementation(async (block, before) => {
    await packing.diffId;
    return compress(block, before);
  });
  const packing = new Packing(request(), environment, signal);
  expect(await packing.diffId).toBe((await packing.layer).diffId);
  await packing.end();
});

test('an archive that is no archive does not stay open', async () => {
  useArchive(Buffer.from('no archive'));
  await expect(assemble()).rejects.toMatchObject({ code: 'ERR_APPLICATION_INVALID' });
  expect(await temporary()).toEqual({ files: 1, open: 0 });
});
