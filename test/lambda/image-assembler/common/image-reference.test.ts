import { parseImageReference, parseRepositoryUri } from '../../../../lambda/image-assembler/common/image-reference';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['node', 'registry-1.docker.io', 'library/node', 'latest'],
  ['node:24', 'registry-1.docker.io', 'library/node', '24'],
  ['node.js', 'registry-1.docker.io', 'library/node.js', 'latest'],
  ['node:24-slim', 'registry-1.docker.io', 'library/node', '24-slim'],
  ['docker.io/node', 'registry-1.docker.io', 'library/node', 'latest'],
  ['index.docker.io/node:24', 'registry-1.docker.io', 'library/node', '24'],
  ['team/node:1', 'registry-1.docker.io', 'team/node', '1'],
  ['localhost/node', 'localhost', 'node', 'latest'],
  ['127.0.0.1:5000/node', '127.0.0.1:5000', 'node', 'latest'],
  ['public.ecr.aws/docker/library/node:24-slim', 'public.ecr.aws', 'docker/library/node', '24-slim'],
  [`public.ecr.aws/docker/library/node@${DIGEST}`, 'public.ecr.aws', 'docker/library/node', DIGEST],
  [`public.ecr.aws/docker/library/node:24@${DIGEST}`, 'public.ecr.aws', 'docker/library/node', DIGEST],
])('%s', (text, registry, repository, reference) => {
  expect(parseImageReference(text)).toEqual({ registry, repository, reference, text });
});

test.each([
  '',
  'Node',
  'node:',
  'node:a b',
  'node@sha256:abc',
  `node@${DIGEST}@${DIGEST}`,
  'registry.test/',
  'https://registry.test/node',
  '../node',
  're gistry.test/node',
  'registry.test:443x/node',
  'registry.test:65536/node',
  '300.0.0.1/node',
  'registry.test./node',
  'Team/node',
])('%j is refused', text => {
  expect(() => parseImageReference(text)).toThrow(expect.objectContaining({ code: 'ERR_PROPERTIES_INVALID' }) as Error);
});

test.each([
  [
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com/expenses',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
    'expenses',
  ],
  ['127.0.0.1:5000/team/expenses', '127.0.0.1:5000', 'team/expenses'],
])('the repository %s', (text, registry, repository) => {
  expect(parseRepositoryUri(text)).toEqual({ registry, repository });
});

test.each([
  '',
  'expenses',
  '/expenses',
  'registry.test/',
  'registry.test/Expenses',
  'registry.test/expenses:1',
  `registry.test/expenses@${DIGEST}`,
])('%j is no repository', text => {
  expect(() => parseRepositoryUri(text)).toThrow(
    expect.objectContaining({
      code: 'ERR_PROPERTIES_INVALID',
      message: expect.stringContaining(`\`repositoryUri\` is "${text}"; `) as string,
    }) as Error,
  );
});
