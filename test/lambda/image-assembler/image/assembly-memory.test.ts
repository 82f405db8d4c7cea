import { AssemblyMemory } from '../../../../lambda/image-assembler/image/assembly-memory';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';

const LAYER = { mediaType: OCI.gzippedLayer, digest: 'sha256:1', size: 1 };

test('layers are known for the repository that has them', () => {
  const memory = new AssemblyMemory();
  memory.addLayers('registry.test/own', [LAYER]);
  expect(memory.hasLayer('registry.test/own', LAYER.digest)).toBe(true);
  expect(memory.hasLayer('registry.test/other', LAYER.digest)).toBe(false);
  memory.forgetLayers();
  expect(memory.hasLayer('registry.test/own', LAYER.digest)).toBe(false);
});

test('a thousand are kept', () => {
  const memory = new AssemblyMemory();
  memory.addLayers(
    'registry.test/own',
    Array.from({ length: 1001 }, (_, index) => ({ ...LAYER, digest: `sha256:${index}` })),
  );
  expect([0, 1, 1000].map(index => memory.hasLayer('registry.test/own', `sha256:${index}`))).toEqual([
    false,
    true,
    true,
  ]);
});
