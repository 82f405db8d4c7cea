import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const SERVER = { 'package.json': '{ "name": "server" }', 'server.ts': 'import "native"; console.log("it ran");' };

const native = (manifest: object, name = 'native') => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
  [`node_modules/${name}/index.js`]: 'exports.load = name => require(name);',
});

const bundle = (files: Record<string, string>, options?: TypeScriptCodeOptions) =>
  bundled(path.join(project({ ...SERVER, ...files }), 'server.ts'), options);

test.each<[string, Record<string, string>, string]>([
  [
    'packages for each platform',
    native({ optionalDependencies: { '@img/native-darwin-arm64': '1.0.0', '@img/native-linux-arm64': '1.0.0' } }),
    '@img/native-linux-arm64, one of its optional dependencies',
  ],
  [
    'an install script',
    native({ scripts: { install: 'prebuild-install || node-gyp rebuild' } }),
    'what its install script makes ("prebuild-install || node-gyp rebuild")',
  ],
  [
    'sources in C++',
    { ...native({}), 'node_modules/native/binding.gyp': '{}' },
    'what its install script makes ("node-gyp rebuild")',
  ],
  [
    'a binary',
    { ...native({}), 'node_modules/native/prebuilds/linux-arm64/addon.node': '' },
    'prebuilds/linux-arm64/addon.node',
  ],
])('a package with %s is refused in a bundle', (_case, files, binary) => {
  expect(errorOf(() => bundle(files))).toBe(
    `[Stack/Server] \`entry\` imports native, which needs a binary: ${binary}; only JavaScript can be bundled: ` +
      'name native in `nodeModules`, or in `externalModules` if the server can do without',
  );
});

test('it is found wherever it is imported', () => {
  expect(
    errorOf(() =>
      bundle({
        'server.ts': 'import "@team/images";',
        'node_modules/@team/images/package.json': '{ "name": "@team/images" }',
        'node_modules/@team/images/index.js': 'require("native");',
        ...native({ scripts: { install: 'node-gyp-build' } }),
      }),
    ),
  ).toContain(
    '`entry` imports native (by @team/images), which needs a binary: what its install script makes ("node-gyp-build"); only JavaScript can be bundled: ' +
      'name native, or what imports it, in `nodeModules`',
  );
});

test('a package that another can do without is bundled, with a warning', () => {
  const { stack } = bundle({
    'server.ts': 'import "sockets";',
    'node_modules/sockets/package.json':
      '{ "name": "sockets", "peerDependencies": { "native": "*" }, "peerDependenciesMeta": { "native": { "optional": true } } }',
    'node_modules/sockets/index.js': 'try { require("native"); } catch {}',
    ...native({ scripts: { install: 'node-gyp-build' } }),
  });
  Annotations.fromStack(stack).hasWarning(
    '/Stack/Server',
    Match.stringLikeRegexp('imports native \\(by sockets\\).*cdk-stateful-mcp:optionalBinary'),
  );
});

test('so is what only such a package needs', () => {
  const { stack } = bundle({
    'server.ts': 'import "database";',
    'node_modules/database/package.json':
      '{ "name": "database", "peerDependenciesMeta": { "fast": { "optional": true } } }',
    'node_modules/database/index.js': 'try { require("fast"); } catch {}',
    'node_modules/fast/package.json': '{ "name": "fast", "dependencies": { "native": "1" } }',
    'node_modules/fast/index.js': 'require("native");',
    ...native({ scripts: { install: 'node-gyp-build' } }),
  });
  Annotations.fromStack(stack).hasWarning('/Stack/Server', Match.stringLikeRegexp('imports native \\(by fast\\)'));
});

test('what another package cannot do without is refused all the same', () => {
  const files = {
    'server.ts': 'import "database"; import "other";',
    'node_modules/database/package.json': '{ "name": "database", "optionalDependencies": { "native": "1" } }',
    'node_modules/database/index.js': 'try { require("native"); } catch {}',
    'node_modules/other/package.json': '{ "name": "other" }',
    'node_modules/other/index.js': 'require("native");',
    ...native({ scripts: { install: 'node-gyp-build' } }),
  };
  expect(errorOf(() => bundle(files))).toContain('imports native (by database, other), which needs a binary');
});

test('a package that stays out is left to the user', () => {
  expect(() =>
    bundle(native({ scripts: { install: 'node-gyp-build' } }), { externalModules: ['native'] }),
  ).not.toThrow();
});

test('packages of JavaScript alone are bundled', () => {
  const { stack } = bundle({
    ...native({ scripts: { postinstall: 'node ./thanks.js' }, optionalDependencies: { fsevents: '2.0.0' } }),
    'node_modules/native/node_modules/other/addon.node': '',
    'node_modules/native/esm/package.json': '{ "type": "module" }',
  });
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});

// None of them brings a binary, whatever else is in their folders.
test.each([
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-s3',
  '@modelcontextprotocol/server',
  '@modelcontextprotocol/node',
  '@modelcontextprotocol/sdk/client/index.js',
  '@modelcontextprotocol/server-everything/dist/server/index.js',
  'zod',
  'express',
  'yauzl',
  'yazl',
  'jose',
])('%s is bundled', name => {
  const folder = path.resolve(__dirname, '../../fixtures');
  const { stack } = bundle({
    'server.ts': `export * from ${JSON.stringify(require.resolve(name, { paths: [folder] }))};`,
  });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('optionalBinary'));
});

test.each(['native-linux-x64', '@native/linux-x64'])(
  'the binary of this machine in %s is advised by who imports it',
  name => {
    const message = errorOf(() =>
      bundle({
        ...native({ optionalDependencies: { [name]: '1.0.0' } }),
        'node_modules/native/index.js': `require(${JSON.stringify(`${name}/addon.node`)});`,
        [`node_modules/${name}/package.json`]: JSON.stringify({ name }),
        [`node_modules/${name}/addon.node`]: '',
      }),
    );
    expect(message.split('\n').at(-1)).toBe(
      'name native, or what imports it, in `nodeModules`, as only JavaScript can be bundled, or in `externalModules` if the server can do without',
    );
  },
);

test.each([
  [
    'of a package',
    'node_modules/@scope/addon/build/addon.node',
    '@scope/addon/build/addon.node',
    'name @scope/addon in `nodeModules`, as only JavaScript can be bundled, or in `externalModules` if the server can do without',
  ],
  [
    'of the project',
    'native/addon.node',
    './native/addon.node',
    'name native/addon.node in `assets`, and load it by `require(path.join(__dirname, ...))`, as only JavaScript can be bundled',
  ],
])('an import of a binary %s fails with what to do', (_case, file, imported, advice) => {
  expect(
    errorOf(() => bundle({ 'server.ts': `import ${JSON.stringify(imported)};`, [file]: '' }))
      .split('\n')
      .at(-1),
  ).toBe(advice);
});
