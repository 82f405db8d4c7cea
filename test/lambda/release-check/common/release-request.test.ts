import { parseRelease, parseWatch } from '../../../../lambda/release-check/common/release-request';

// What CloudFormation delivers, against the contract with the construct.

const CLIENT = { kind: 'client-credentials', discoveryUrl: 'https://a.example/x', clientId: 'agent', secretArn: 'arn' };
const PROPERTIES = {
  runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/expenses-abc1234567',
  version: '3',
  stage: 'candidate',
  endpointName: 'live',
  check: '{"tools":["add_expense"],"eras":["modern"]}',
  onInconclusive: 'fail',
  callers: [{ kind: 'iam' }, CLIENT],
  recordName: '/record',
};

test('properties become a request', () => {
  expect(parseRelease(PROPERTIES)).toMatchObject({
    runtimeId: 'expenses-abc1234567',
    version: '3',
    keepsEndpoint: false,
    definition: { tools: ['add_expense'] },
    callers: [{ kind: 'iam' }, { ...CLIENT, scopes: [] }],
    logGroupNames: [],
  });
  expect(parseRelease({ ...PROPERTIES, keepsEndpoint: 'true' }).keepsEndpoint).toBe(true);
});

test('a check has the same hash however it is written', () => {
  const other = parseRelease({ ...PROPERTIES, check: '{"eras": ["modern"], "tools": ["add_expense"]}' });
  expect(other.checkHash).toBe(parseRelease(PROPERTIES).checkHash);
  expect(parseRelease({ ...PROPERTIES, check: '{}' }).checkHash).not.toBe(other.checkHash);
});

test('a watch has neither stage nor version', () => {
  const { stage: _stage, version: _version, ...watch } = PROPERTIES;
  expect(parseWatch({ watch: watch as never })).toMatchObject({
    endpointName: 'live',
    runtimeId: 'expenses-abc1234567',
  });
});

test.each<[string, object]>([
  ['runtimeArn', { runtimeArn: 'expenses' }],
  ['version', { version: 'DEFAULT' }],
  ['stage', { stage: 'later' }],
  ['endpointName', { endpointName: 'not a name' }],
  ['keepsEndpoint', { keepsEndpoint: 'false' }],
  ['check', { check: 'none' }],
  ['check', { check: '{"tool":["add_expense"]}' }],
  ['onInconclusive', { onInconclusive: undefined }],
  ['callers', { callers: [] }],
  ['callers[0].kind', { callers: [{ kind: 'nobody' }] }],
  ['callers[0].discoveryUrl', { callers: [{ ...CLIENT, discoveryUrl: undefined }] }],
  ['callers[0].secretArn', { callers: [{ ...CLIENT, userPoolId: 'pool' }] }],
  ['recordName', { recordName: '' }],
  ['logGroupNames', { logGroupNames: 'group' }],
])('`%s` is refused by its name: %j', (name, change) => {
  expect(() => parseRelease({ ...PROPERTIES, ...change })).toThrow(
    expect.objectContaining({
      code: 'ERR_PROPERTIES_INVALID',
      message: expect.stringContaining(`\`${name}\` is `) as string,
    }),
  );
});
