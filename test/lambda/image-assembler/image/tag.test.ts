import type { ImageAssemblyProperties } from '../../../../lib/private/image/image-assembly-contract';
import { parseProperties } from '../../../../lambda/image-assembler/common/properties';
import { inputsDigest, tagOf } from '../../../../lambda/image-assembler/image/tag';
import { PROPERTIES, requestWith } from '../requests';

test('a tag names the application, the base image and all inputs', () => {
  expect(tagOf(requestWith())).toMatch(/^code-abcdef012345-on-node-24-slim-[a-f0-9]{16}$/);
});

test.each([
  ['python', /-on-python-latest-[a-f0-9]{16}$/],
  ['registry.test/a/my_own.base--image:1.2_b-C', /-on-my_own\.base--image-1\.2_b-C-[a-f0-9]{16}$/],
  [`public.ecr.aws/docker/library/node@sha256:${'ab'.repeat(32)}`, /-on-node-abababababab-/],
  [`registry.test/${'long-'.repeat(40)}name:${'v'.repeat(128)}`, /-on-long-/],
])('it is a valid tag for %s', (baseImage, part) => {
  const tag = tagOf(requestWith({ baseImage }));
  expect(tag).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
  expect(tag).toMatch(part);
});

test.each<[string, Partial<ImageAssemblyProperties>]>([
  ['baseImage', { baseImage: 'public.ecr.aws/docker/library/node:22-slim' }],
  ['contentHash', { application: { ...PROPERTIES.application, contentHash: 'abcdef0123456780' } }],
  ['entrypoint', { entrypoint: ['node index.js'] }],
  ['user', { user: '1001' }],
  ['workingDirectory', { workingDirectory: '/server' }],
  ['port', { port: '8001' }],
  ['environment', { environment: { A: '1' } }],
  ['labels', { labels: { A: '1' } }],
])('another %s is another tag', (_name, change) => {
  expect(tagOf(requestWith(change))).not.toBe(tagOf(requestWith()));
});

test.each([
  { os: 'linux', architecture: 'amd64' },
  { os: 'windows', architecture: 'arm64' },
])('another platform is another tag: %p', platform => {
  expect(tagOf(parseProperties({ ...PROPERTIES }, platform))).not.toBe(tagOf(requestWith()));
});

test.each<[string, Partial<ImageAssemblyProperties>]>([
  ['where the archive is', { application: { ...PROPERTIES.application, bucketName: 'other', objectKey: 'other.zip' } }],
  ['which repository gets it', { repositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/other' }],
])('it does not matter %s', (_name, change) => {
  expect(inputsDigest(requestWith(change))).toBe(inputsDigest(requestWith()));
});

test('a release that changes nothing about images finds those of the releases before', () => {
  const environment = { B: '2', C: '3', A: '1' };
  expect(inputsDigest(requestWith({ environment, labels: environment }))).toBe(
    'sha256:ddd7af48e770285b638b282f65363511c67753a26a161fa0b210d0c6cc227dec',
  );
});

test('it does not matter in which order variables and labels are given', () => {
  const forwards = { A: '1', B: '2' };
  const backwards = { B: '2', A: '1' };
  expect(inputsDigest(requestWith({ environment: forwards, labels: backwards }))).toBe(
    inputsDigest(requestWith({ environment: backwards, labels: forwards })),
  );
});
