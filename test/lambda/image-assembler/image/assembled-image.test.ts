import type { ImageAssemblyData } from '../../../../lib/private/image/image-assembly-contract';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { DOCKER, OCI, type MediaTypes } from '../../../../lambda/image-assembler/common/media-types';
import { findAssembledImage } from '../../../../lambda/image-assembler/image/assembled-image';
import { inputsDigest } from '../../../../lambda/image-assembler/image/tag';
import { closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type FaultyRegistry } from '../faulty-registry';
import { requestWith } from '../requests';

const TAG = 'code-1';
const INPUTS = { 'io.github.cdkstatefulmcp.assembly-inputs': inputsDigest(requestWith()) };
const BASE = { 'org.opencontainers.image.base.digest': digestOf('base') };

let registry: FaultyRegistry;

beforeEach(async () => {
  registry = await startFaultyRegistry();
});

afterEach(async () => {
  closeTransports();
  await registry.close();
});

/** Puts an image with such a configuration under the tag. */
function tag(config: object, { manifest: mediaType, config: configType }: MediaTypes = OCI): string {
  const content = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, config: registry.addBlob(JSON.stringify(config), configType) }),
  );
  registry.manifests.set(TAG, { mediaType, content });
  return digestOf(content);
}

function find(): Promise<ImageAssemblyData | undefined> {
  return findAssembledImage(targetClient(registry), requestWith(), TAG, new AbortController().signal);
}

test('a tag that is free has no image', async () => {
  expect(await find()).toBeUndefined();
});

test.each([
  ['Docker', DOCKER],
  ['OCI', OCI],
])('an image of %s that was made of the same inputs is told with its base', async (_family, types) => {
  const imageDigest = tag({ config: { Labels: { ...INPUTS, ...BASE, team: 'finance' } } }, types);
  expect(await find()).toEqual({
    imageUri: `${requestWith().repositoryUri}@${imageDigest}`,
    imageDigest,
    imageTag: TAG,
    baseImageDigest: digestOf('base'),
  });
});

test.each<[string, object]>([
  ['no configuration of a program', {}],
  ['no labels', { config: {} }],
  ['labels that are null', { config: { Labels: null } }],
  ['labels of other inputs', { config: { Labels: { ...INPUTS, ...BASE, [Object.keys(INPUTS)[0]!]: digestOf('') } } }],
  ['a base and no inputs', { config: { Labels: BASE } }],
  ['inputs and no base', { config: { Labels: INPUTS } }],
])('an image with %s is of somebody else', async (_case, config) => {
  const digest = tag(config);
  await expect(find()).rejects.toMatchObject({
    code: 'ERR_TAG_TAKEN',
    message: expect.stringContaining(
      `the tag ${TAG} of ${requestWith().repositoryUri} is on the image ${digest}`,
    ) as string,
  });
});

test('an index is of somebody else, whatever it says', async () => {
  tag({ config: { Labels: { ...INPUTS, ...BASE } } }, { ...OCI, manifest: OCI.index });
  await expect(find()).rejects.toMatchObject({ code: 'ERR_TAG_TAKEN' });
});
