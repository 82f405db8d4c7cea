import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BaseImage, Packaging } from '../../../../lib';
import { runEsbuild } from '../../../../lib/private/esbuild/esbuild';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

// The real thing, watched.
jest.mock('../../../../lib/private/esbuild/esbuild', () => {
  const actual = jest.requireActual<typeof import('../../../../lib/private/esbuild/esbuild')>(
    '../../../../lib/private/esbuild/esbuild',
  );
  return { ...actual, runEsbuild: jest.fn(actual.runEsbuild) };
});

afterEach(removeProjects);
beforeEach(() => jest.mocked(runEsbuild).mockClear());

describe('an entry is refused', () => {
  test('that does not exist', () => {
    expect(errorOf(() => bundled('samples/missing.ts'))).toBe(
      '[Stack/Server] `entry` is "samples/missing.ts", and there is no ' +
        `${path.resolve('samples/missing.ts')}: give the path of the file that starts the server, relative to the folder that the CDK app runs in`,
    );
  });

  test('that is a folder', () => {
    expect(errorOf(() => bundled('samples'))).toBe(
      '[Stack/Server] `entry` is "samples", which is a folder: give the file in it that starts the server',
    );
  });

  test.each(['server.py', 'server.json', 'server', 'server.d.ts', 'server.d.mts'])('that is %s', name => {
    expect(errorOf(() => bundled(path.join(project({ [name]: '' }), name)))).toContain(
      '; .ts, .mts, .cts, .js, .mjs, .cjs are allowed, ',
    );
  });

  test('that is an unresolved token', () => {
    expect(errorOf(() => bundled(Lazy.string({ produce: () => 'server.ts' })))).toMatch(
      /^\[Stack\/Server\] `entry` is an unresolved token; /,
    );
  });
});

test.each(['assets', 'externalModules', 'mainFields', 'nodeModules'])(
  'an unresolved token in `%s` is refused',
  prop => {
    const entry = path.join(project({ 'server.ts': 'console.log(1);' }), 'server.ts');
    for (const tokens of [[Lazy.string({ produce: () => 'x' })], Lazy.list({ produce: () => ['x'] })]) {
      expect(errorOf(() => bundled(entry, { [prop]: tokens }))).toBe(
        `[Stack/Server] \`${prop}\` has an unresolved token; it is needed now, before the deployment: give a value that is known at synthesis`,
      );
    }
  },
);

test.each(['server.ts', 'server.mts', 'server.cts', 'server.js', 'server.mjs', 'server.cjs'])('%s is bundled', name => {
  const { folder } = bundled(path.join(project({ [name]: 'console.log(1);' }), name));
  expect(readdirSync(folder)).toContain('index.js');
});

describe('a stack that is not being bundled', () => {
  const context = { 'aws:cdk:bundling-stacks': ['Another'] };

  test('is synthesized without esbuild', () => {
    const { assetHash } = bundled(
      path.join(project({ 'server.ts': 'this does not compile' }), 'server.ts'),
      {},
      context,
    );
    expect(runEsbuild).not.toHaveBeenCalled();
    expect(assetHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('needs neither the entry nor its folder', () => {
    const entry = path.join(project({}), 'not-there', 'server.ts');
    expect(() => bundled(entry, {}, context).stack.node.root).not.toThrow();
  });
});

describe('a process', () => {
  test('bundles the same entry once', () => {
    const entry = path.join(project({ 'server.ts': 'console.log(1);' }), 'server.ts');
    expect(bundled(entry).assetHash).toBe(bundled(entry).assetHash);
    expect(runEsbuild).toHaveBeenCalledTimes(1);
  });

  test('bundles it again when a file that went into it changes', () => {
    const root = project({ 'server.ts': 'import "./tool";', 'tool.ts': 'console.log(1);' });
    const before = bundled(path.join(root, 'server.ts'));
    writeFileSync(path.join(root, 'tool.ts'), 'console.log("changed");');
    expect(bundled(path.join(root, 'server.ts')).assetHash).not.toBe(before.assetHash);
  });

  test('bundles it again with other options', () => {
    const entry = path.join(project({ 'server.ts': 'console.log(1);' }), 'server.ts');
    bundled(entry);
    bundled(entry, { externalModules: ['sharp'] });
    expect(runEsbuild).toHaveBeenCalledTimes(2);
  });
});

test('in a project of ES modules, a bundle is CommonJS all the same', () => {
  const root = project({
    'package.json': '{ "type": "module" }',
    'server.ts': 'import { EOL } from "node:os"; process.stdout.write(`it ran${EOL}`);',
  });
  const { folder } = bundled(path.join(root, 'server.ts'));
  const inside = path.join(root, 'cdk.out/asset');
  cpSync(folder, inside, { recursive: true });
  expect(execFileSync(process.execPath, ['index.js'], { cwd: inside, encoding: 'utf8' })).toBe('it ran\n');
});

test('warnings of esbuild become warnings of the construct', () => {
  const entry = path.join(project({ 'server.ts': 'console.log(NaN === Number(process.pid));' }), 'server.ts');
  const { stack } = bundled(entry);
  Annotations.fromStack(stack).hasWarning(
    '/Stack/Server',
    Match.stringLikeRegexp(
      `^${entry}:1:17: Comparison with NaN using the "===" operator here is always false.*cdk-stateful-mcp:bundling`,
    ),
  );
});

describe('the version of Node.js that a project is made for', () => {
  const entryFor = (node: string): string =>
    path.join(
      project({ 'package.json': JSON.stringify({ engines: { node } }), 'server.ts': 'console.log(1);' }),
      'server.ts',
    );

  test('must be that of a zip file', () => {
    const packaging = Packaging.zip();
    expect(() => bundled(entryFor('>=20'), { packaging })).not.toThrow();
    const entry = entryFor('>=24');
    expect(errorOf(() => bundled(entry, { packaging }))).toBe(
      `[Stack/Server] \`engines.node\` of ${path.join(path.dirname(entry), 'package.json')} is ">=24"; ` +
        'the server runs on Node.js 22: use `Packaging.image()` with a base image of another version, or a version of the package for this one',
    );
  });

  test('must be that of the base image', () => {
    expect(() => bundled(entryFor('>=24'))).not.toThrow();
    expect(errorOf(() => bundled(entryFor('^22')))).toContain(
      'is "^22"; the server runs on Node.js 24: choose a `baseImage` with a version that it admits',
    );
  });

  test('is left to the user with a base image of their own', () => {
    const baseImage = BaseImage.fromRegistry('public.ecr.aws/docker/library/node:22-slim');
    expect(() => bundled(entryFor('^22'), { packaging: Packaging.image({ baseImage }) })).not.toThrow();
  });
});
