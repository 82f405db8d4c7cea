import { admits, engineProblems } from '../../../../lib/private/program/node-engines';

// From https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy-node.html, and the
// forms of npm.
test.each([
  '>=18',
  '>=14 <18 || >=20',
  '22',
  '*',
  '',
  'x',
  '>=22.12.0',
  '^22',
  '~22.1',
  '^18.17.0 || ^20.3.0 || >=21.0.0',
  '18.x || 20.x || 22.x',
  '>= 10.0.0 < 24',
  '14 - 22',
  '20.0.0 - 22.1',
  'v22.0.0',
  '>21',
  '<=22',
  '<22.0.1',
  '>=22.0.0-rc.1',
  '=22.5',
  'latest',
  '22.*',
  '>= 20.12.0',
])('Node.js 22 is admitted by %j', range => {
  expect(admits(range, 22)).toBe(true);
});

test.each([
  '<18',
  '>=14 <18',
  '>=24',
  '^20',
  '~20.1',
  '20',
  '18 || 20',
  '>22',
  '<22',
  '>=23',
  '14 - 21',
  '20.x',
  '^21.7.0',
  '>=18 <22',
  '0.12',
  '^0.10.0',
  '<*',
  '> 22.x',
])('Node.js 22 is not admitted by %j', range => {
  expect(admits(range, 22)).toBe(false);
});

test('problems name the package, its range and the version', () => {
  const engines = [
    { packageName: 'old', range: '<18' },
    { packageName: 'new', range: '>=22' },
  ];
  expect(engineProblems(engines, 22, 'do something')).toEqual([
    '`engines.node` of old is "<18"; the server runs on Node.js 22: do something',
  ]);
  expect(engineProblems(engines, 24, 'do something')).toHaveLength(1);
});
