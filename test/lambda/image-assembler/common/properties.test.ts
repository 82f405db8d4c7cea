import { parseProperties } from '../../../../lambda/image-assembler/common/properties';
import { PLATFORM, PROPERTIES, requestWith } from '../requests';

test('properties become a request', () => {
  expect(requestWith({ environment: { A: '1' }, user: '1000:2000' })).toMatchObject({
    target: { registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com', repository: 'expenses' },
    baseImage: { registry: 'public.ecr.aws', repository: 'docker/library/node', reference: '24-slim' },
    port: 8000,
    user: '1000:2000',
    environment: { A: '1' },
    labels: {},
  });
});

test.each([
  ['1', 1],
  ['65535', 65_535],
])('port %s is a port', (port, number) => {
  expect(requestWith({ port }).port).toBe(number);
});

test.each<[string, object]>([
  ['repositoryUri', { repositoryUri: 'no-registry' }],
  ['repositoryUri', { repositoryUri: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/expenses:tag' }],
  ['baseImage', { baseImage: 'Not An Image' }],
  ['baseImage', { baseImage: '' }],
  ['application', { application: 'none' }],
  ['application.contentHash', { application: { ...PROPERTIES.application, contentHash: 'not hexadecimal' } }],
  ...['x', 'a'.repeat(57), '\n'].flatMap((text): [string, object][] =>
    [`abcdef01${text}`, `${text}abcdef01`].map(contentHash => [
      'application.contentHash',
      { application: { ...PROPERTIES.application, contentHash } },
    ]),
  ),
  ['application.objectKey', { application: { ...PROPERTIES.application, objectKey: undefined } }],
  ['entrypoint', { entrypoint: [] }],
  ['entrypoint', { entrypoint: 'node index.js' }],
  ['user', { user: '0' }],
  ['user', { user: 'node' }],
  ['user', { user: '1000:0' }],
  ['user', { user: '01000' }],
  ['user', { user: '1000:1000:0' }],
  ['workingDirectory', { workingDirectory: 'app' }],
  ['workingDirectory', { workingDirectory: '/' }],
  ['workingDirectory', { workingDirectory: '/usr' }],
  ['workingDirectory', { workingDirectory: '/app/../etc' }],
  ['port', { port: '0' }],
  ['port', { port: '65536' }],
  ['port', { port: '0x50' }],
  ['port', { port: '80.5' }],
  ['environment.A', { environment: { A: 1 } }],
  ['labels', { labels: [] }],
])('`%s` is refused by its name: %j', (name, change) => {
  expect(() => parseProperties({ ...PROPERTIES, ...change }, PLATFORM)).toThrow(
    expect.objectContaining({
      code: 'ERR_PROPERTIES_INVALID',
      message: expect.stringContaining(`\`${name}\` is `) as string,
    }) as Error,
  );
});
