// Names that do not exist, and the words of what is refused.
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, Packaging } from '../../../lib';
import { removeProjects } from '../fixtures/projects';
import { errorOf, GREETING_SERVER, unbundledStack } from '../fixtures/stacks';
import { FACTORIES } from './factories';
import { bound, server, type Given } from './values';

afterEach(removeProjects);

test('what is refused is named, with the place of what is undefined in a map or a list', () => {
  expect(errorOf(() => server(unbundledStack())({ environment: { A: process.env.NOT_SET, B: 'b' } }))).toBe(
    '[Stack/Server] `environment.A` is undefined; a string is allowed: give it a value, or leave it out',
  );
  expect(
    errorOf(() => bound(McpServerCode.fromTypeScript(GREETING_SERVER, { nodeModules: ['a', undefined as never] }))),
  ).toBe(
    '[Stack/Server] `nodeModules[1]` is undefined; a string that is not empty is allowed: give one, or leave it out',
  );
  expect(
    errorOf(() => server(unbundledStack())({ auth: RuntimeAuthorizerConfiguration.usingIAM(), idleTimeout: 900 })),
  ).toMatch(
    /^\[Stack\/Server\] 2 problems:\n {2}- `idleTimeout` is 900; a Duration is allowed: .*\n {2}- `auth` is an? \w+; a McpAuth is allowed: .*`McpAuth\.of\(\.\.\.\)`$/s,
  );
});

const NAMES: readonly (readonly [string, object, (props: Given) => unknown, string])[] = [
  [
    'an earlier name',
    { external: ['a'] },
    FACTORIES['McpServerCode.fromTypeScript']![1],
    'it is called `externalModules` now',
  ],
  [
    'an earlier name of a server for stdio',
    { external: ['a'] },
    FACTORIES['McpServerCode.fromStdio']![1],
    'it is called `externalModules` now',
  ],
  [
    'an earlier name of telemetry',
    { openTelemetry: true },
    FACTORIES['McpServerCode.fromTypeScript']![1],
    'it is called `telemetry` now',
  ],
  [
    'an earlier name of a Python server',
    { runtime: 'PYTHON_3_13' },
    FACTORIES['McpServerCode.fromPython']![1],
    'it is called `interpreter` now',
  ],
  [
    'a typo',
    { nodeModule: ['sharp'] },
    FACTORIES['McpServerCode.fromTypeScript']![1],
    'write `nodeModules`, if that is meant',
  ],
  [
    'another case',
    { buildargs: {} },
    FACTORIES['McpServerCode.fromDockerfile']![1],
    'write `buildArgs`, if that is meant',
  ],
  ['an option of another construct', { format: 'esm' }, FACTORIES['McpServerCode.fromTypeScript']![1], 'leave it out'],
  ['an option of another factory', { assets: ['a'] }, FACTORIES['McpServerCode.fromBundle']![1], 'leave it out'],
  ['a typo in a packaging', { baseImages: 1 }, FACTORIES['Packaging.image']![1], 'write `baseImage`, if that is meant'],
  [
    'a typo in the properties of a server',
    { enviroment: {} },
    FACTORIES.StatefulMcpServer![1],
    'write `environment`, if that is meant',
  ],
];

test.each(NAMES)('%s is refused', (_what, given, make, advice) => {
  const [name = ''] = Object.keys(given);
  const message = errorOf(() => make(given as Given));
  expect(message).toMatch(
    new RegExp(`^\\[Stack/Server\\] \`${name}\` is given, which does not exist; .* are allowed: `),
  );
  expect(message).toContain(`: ${advice}`);
});

test('names of a class of the user, and those without a value, are left to it', () => {
  expect(() => server(unbundledStack())({ team: 'tools', codes: 1, roles: undefined })).not.toThrow();
  const options = { packaging: Packaging.zip(), sourceMap: undefined };
  expect(() => bound(McpServerCode.fromTypeScript(GREETING_SERVER, options))).not.toThrow();
});

test('a key is never shown', () => {
  expect(errorOf(() => server(unbundledStack())({ requestStateKey: 'hunter2' }))).not.toContain('hunter2');
});
