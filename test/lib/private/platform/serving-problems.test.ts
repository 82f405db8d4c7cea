import { Lazy, Token } from 'aws-cdk-lib';
import { AllowedPort } from '../../../../lib';
import { servingProblems, type ServingProps } from '../../../../lib/private/platform/serving-problems';

const token = Token.asNumber({ Ref: 'Port' });

test.each<[string, ServingProps]>([
  ['nothing', {}],
  ['the lowest port', { port: 8000 }],
  ['the highest port', { port: 12_000 }],
  ['the ports beside that of the platform', { allowedPorts: [AllowedPort.single(8442), AllowedPort.single(8444)] }],
  ['a path with what paths may have', { path: '/tools/v1.2/~mcp-%20_' }],
  ['the root', { path: '/' }],
  ['a path of 2048 characters', { path: `/${'a'.repeat(2047)}` }],
  ['5 ports', { allowedPorts: [8000, 8001, 8002, 8003, 8004].map(port => AllowedPort.single(port)) }],
  ['ranges that touch', { allowedPorts: [AllowedPort.range(9000, 9009), AllowedPort.range(9010, 9020)] }],
  ['a range of one port', { allowedPorts: [AllowedPort.range(9000, 9000)] }],
  ['a hook', { warmup: { path: '/warmup' } }],
  ['a hook of 32 characters', { warmup: { path: `/${'a'.repeat(31)}` } }],
  ['a hook at the path of MCP on another port', { warmup: { path: '/mcp', port: 9000 } }],
  ['a hook at /mcp, where the server has another path', { path: '/tools', warmup: { path: '/mcp' } }],
  [
    'unresolved tokens',
    {
      port: token,
      path: Lazy.string({ produce: () => '' }),
      allowedPorts: [AllowedPort.single(token), AllowedPort.range(token, token)],
      warmup: { path: Lazy.string({ produce: () => '' }), port: token },
    },
  ],
])('%s can be deployed', (_case, props) => {
  expect(servingProblems(props)).toEqual([]);
});

const PORTS = 'whole numbers from 8000 to 12000 without 8443, which the platform keeps for itself, are allowed';

test.each([7999, 12_001, 8443, 80, 0, -1, 8000.5, NaN])('port %d is refused', port => {
  expect(servingProblems({ port })).toEqual([`\`port\` is ${port}; ${PORTS}: choose one of them`]);
});

test.each(['', 'mcp', '/mcp?a=b', '/mcp#a', '/a b', '/ping', `/${'a'.repeat(2048)}`, '/ä'])(
  'path %j is refused',
  given => {
    expect(servingProblems({ path: given })).toEqual([expect.stringMatching(/^`path` is .*: give the path without/)]);
  },
);

test.each<[string, AllowedPort[], string]>([
  ['none', [], '`allowedPorts` has 0 entries; 1 to 5 are allowed: leave it out instead'],
  [
    '6',
    [8000, 8001, 8002, 8003, 8004, 8005].map(port => AllowedPort.single(port)),
    '`allowedPorts` has 6 entries; 1 to 5 are allowed: put neighbours into one `AllowedPort.range(...)`',
  ],
  ['one out of range', [AllowedPort.single(443)], '`allowedPorts[0]` is 443; '],
  ['8443', [AllowedPort.single(8000), AllowedPort.single(8443)], '`allowedPorts[1]` is 8443; '],
  ['a range with 8443 in it', [AllowedPort.range(8400, 8500)], 'make two of it, 8400 to 8442 and 8444 to 8500'],
  ['a range that begins at 8443', [AllowedPort.range(8443, 8500)], '`allowedPorts[0]` is 8443 to 8500; '],
  ['a range that ends too high', [AllowedPort.range(11_000, 12_001)], '`allowedPorts[0]` is 11000 to 12001; '],
  ['a range the wrong way round', [AllowedPort.range(9001, 9000)], 'the first port may not be above the last'],
  ['the same twice', [AllowedPort.single(9000), AllowedPort.single(9000)], '`allowedPorts` has 9000 twice'],
  [
    'a port within a range, whichever comes first',
    [AllowedPort.single(9005), AllowedPort.range(9000, 9010)],
    '`allowedPorts` has 9005 twice, in 9000 to 9010 and in 9005 to 9005',
  ],
  ['ranges that share an end', [AllowedPort.range(9000, 9010), AllowedPort.range(9010, 9020)], 'has 9010 twice'],
])('allowed ports: %s are refused', (_case, allowedPorts, problem) => {
  expect(servingProblems({ allowedPorts })).toEqual([expect.stringContaining(problem)]);
});

test.each<[string, ServingProps]>([
  ['at the path of MCP', { warmup: { path: '/mcp' } }],
  ['at the path that the server has', { path: '/tools', warmup: { path: '/tools' } }],
  ['at the path of MCP, with the port written out', { warmup: { path: '/mcp', port: 8000 } }],
  ['at /ping', { warmup: { path: '/ping' } }],
  ['without a slash', { warmup: { path: 'warmup' } }],
  ['with a percent sign', { warmup: { path: '/%20' } }],
  ['of 33 characters', { warmup: { path: `/${'a'.repeat(32)}` } }],
])('a hook %s is refused', (_case, props) => {
  expect(servingProblems(props)).toEqual([
    expect.stringMatching(/^`warmup\.path` is .*: give one such as "\/warmup"$/),
  ]);
});

test('a hook on a port of the platform is refused', () => {
  expect(servingProblems({ warmup: { path: '/warmup', port: 8443 } })).toEqual([
    `\`warmup.port\` is 8443; ${PORTS}: leave it out to use the port of the server`,
  ]);
});
