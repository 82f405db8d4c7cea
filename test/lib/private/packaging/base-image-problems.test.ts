import path from 'node:path';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { BaseImage, Packaging } from '../../../../lib';
import { baseImageProblems } from '../../../../lib/private/packaging/base-image-problems';
import type { ProgramBundle } from '../../../../lib/private/program/program-bundle';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const NODE = 'public.ecr.aws/docker/library/node:24-slim';
const PYTHON = 'public.ecr.aws/docker/library/python:3.13-slim';
const DIGEST = `sha256:${'0'.repeat(64)}`;

const bundleFor = (baseImage: string, files: string[] = [], engines: ProgramBundle['engines'] = []): ProgramBundle => ({
  projectRoot: '/project',
  files: files.map(name => ({ name, contents: Buffer.alloc(0) })),
  zipStart: { runtime: AgentCoreRuntime.NODE_22, entryPoint: [] },
  imageStart: { baseImage, entryPoint: [] },
  engines,
  usesServerKit: false,
  sendsSpans: false,
});

test.each([
  'node:22',
  'node:22.11.0-slim',
  'node:24-bookworm',
  'node:lts',
  'node:latest',
  'node:current-slim',
  'docker.io/node:22-alpine',
  'library/node:26',
  `node:22-slim@${DIGEST}`,
  `node@${DIGEST}`,
  'registry.example.com/node:18',
  'team/node:18',
  'public.ecr.aws/team/node:18',
  'node-tools:18',
  '${Token[TOKEN.7]}',
])('%s is fine for Node.js, or not known', reference => {
  expect(baseImageProblems(bundleFor(NODE), reference)).toEqual([]);
});

test.each([
  'node:18-slim',
  'node:20.19.1',
  'docker.io/library/node:20',
  'public.ecr.aws/docker/library/node:21-alpine3.20',
  `node:16@${DIGEST}`,
])('%s is too old for the bundle', reference => {
  const [, major] = /:(\d+)/.exec(reference) ?? [];
  expect(baseImageProblems(bundleFor(NODE), reference)).toEqual([
    `\`baseImage\` is "${reference}", which brings Node.js ${major}; the server is bundled for Node.js 22 or later: choose an image with it`,
  ]);
});

test('packages must admit the version', () => {
  expect(baseImageProblems(bundleFor(NODE, [], [{ packageName: 'sharp', range: '>=24' }]), 'node:22-slim')).toEqual([
    '`engines.node` of sharp is ">=24"; the server runs on Node.js 22: choose a `baseImage` with a version that it admits',
  ]);
});

test.each([
  'python:3.13',
  'python:3.13.1-slim',
  'python:3',
  'python:slim',
  `python@${DIGEST}`,
  'registry.example.com/python:3.9',
])('%s is fine for Python 3.13, or not known', reference => {
  expect(baseImageProblems(bundleFor(PYTHON), reference)).toEqual([]);
});

test.each(['python:3.12-slim', 'python:3.12.4', 'public.ecr.aws/docker/library/python:3.12-alpine'])(
  '%s is of another version than the dependencies',
  reference => {
    expect(baseImageProblems(bundleFor(PYTHON), reference)).toEqual([
      `\`baseImage\` is "${reference}", which brings Python 3.12; the server is bundled for Python 3.13: choose an image with it, or another \`interpreter\``,
    ]);
  },
);

test('another interpreter is refused', () => {
  expect(baseImageProblems(bundleFor(PYTHON), 'node:24')).toEqual([
    `\`baseImage\` is "node:24", which brings Node.js; the server needs Python: choose an image with it, such as ${PYTHON}`,
  ]);
});

describe('Alpine Linux', () => {
  test.each([
    [NODE, 'node:24-alpine', ['node_modules/sharp/a.node'], 'node_modules/sharp/a.node needs'],
    [
      NODE,
      'node:alpine',
      ['node_modules/sharp/a.node', 'node_modules/sharp/b.so.1'],
      'node_modules/sharp/a.node and 1 more need',
    ],
    [PYTHON, 'python:3.13-alpine3.20', ['numpy/core.so'], 'numpy/core.so needs'],
  ])('%s becomes %s, and is refused with %j', (usual, reference, files, libraries) => {
    expect(baseImageProblems(bundleFor(usual, files), reference)).toEqual([
      `\`baseImage\` is "${reference}", which is Alpine Linux; ${libraries} the C library of Debian (glibc): choose the image with "slim" in place of "alpine"`,
    ]);
  });

  test.each([
    ['no binaries', ['index.js', 'node_modules/zod/index.js']],
    [
      'binaries for both C libraries',
      [
        'node_modules/argon2/prebuilds/linux-arm64/argon2.glibc.node',
        'node_modules/argon2/prebuilds/linux-arm64/argon2.musl.node',
      ],
    ],
    ['binaries that the project brings itself', ['addon.node']],
  ])('is fine with %s', (_case, files) => {
    expect(baseImageProblems(bundleFor(NODE, files), 'node:24-alpine')).toEqual([]);
  });
});

test('a server is not synthesized with a base image that is too old', () => {
  const entry = path.join(project({ 'package.json': '{}', 'server.ts': 'console.log(1);' }), 'server.ts');
  const packaging = Packaging.image({ baseImage: BaseImage.fromRegistry('node:18-slim') });
  expect(errorOf(() => bundled(entry, { packaging }))).toMatch(
    /^\[Stack\/Server\] `baseImage` is "node:18-slim", which brings Node\.js 18; /,
  );
});
