import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BaseImage, Packaging } from '../../../../lib';
import { libraryNeeding } from '../../fixtures/binaries';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

function warningsOf(packaging: Packaging, ...libraries: string[]): unknown[] {
  const root = project({
    'package.json': '{}',
    'server.ts': 'import "a";',
    'node_modules/a/package.json': '{ "name": "a", "version": "1.0.0" }',
    'node_modules/a/index.js': '',
  });
  for (const name of ['a', 'b']) {
    writeFileSync(path.join(root, `node_modules/a/${name}.node`), libraryNeeding(...libraries));
  }
  const { stack } = bundled(path.join(root, 'server.ts'), { nodeModules: ['a'], packaging });
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('systemLibraries'))
    .map(({ entry }) => entry.data);
}

const start = 'node_modules/a/a.node and 1 more need libGL.so.1, which the bundle does not have, ';
const end =
  ': what imports them fails. Use a package that does without (opencv-python-headless in place of opencv-python), or ';

test.each<[string, Packaging, string, string]>([
  [
    'the usual image',
    Packaging.image(),
    'and public.ecr.aws/docker/library/node:24-slim neither',
    'a `baseImage` that has them',
  ],
  [
    'another slim image',
    Packaging.image({ baseImage: BaseImage.fromRegistry('node:22-bookworm-slim') }),
    'and node:22-bookworm-slim neither',
    'a `baseImage` that has them',
  ],
  [
    'a zip file',
    Packaging.zip(),
    'and nothing says that AgentCore Runtime has',
    '`Packaging.image()` with a `baseImage` that has them',
  ],
])('libraries that are missed in %s are named', (_place, packaging, lack, remedy) => {
  expect(warningsOf(packaging, 'libGL.so.1', 'libm.so.6')).toEqual([
    `${start}${lack}${end}${remedy} [ack: cdk-stateful-mcp:systemLibraries]`,
  ]);
});

test.each([
  [
    'in an image of which that is not known',
    Packaging.image({ baseImage: BaseImage.fromRegistry('node:24') }),
    'libGL.so.1',
  ],
  ['which each image has', Packaging.image(), 'libstdc++.so.6'],
])('nothing is said of libraries %s', (_case, packaging, library) => {
  expect(warningsOf(packaging, library)).toEqual([]);
});
