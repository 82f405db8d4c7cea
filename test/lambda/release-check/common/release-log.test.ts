import { ReleaseLog } from '../../../../lambda/release-check/common/release-log';

// What a check writes, without what it was told to keep to itself.

let lines: string[];
let log: ReleaseLog;
beforeEach(() => {
  lines = [];
  for (const method of ['log', 'warn', 'error'] as const) {
    jest.spyOn(console, method).mockImplementation((...line: unknown[]) => void lines.push(`${method} ${line.join()}`));
  }
  log = new ReleaseLog({ logGroupName: 'group', logStreamName: 'stream' });
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('secrets are hidden wherever they turn up, all of them and each time', () => {
  log.hide('s3cret');
  log.hide('t0ken.of.a.client');
  log.note('s3cret, t0ken.of.a.client and s3cret');
  log.warn('warned of s3cret');
  expect(lines).toEqual(['log ***, *** and ***', 'warn warned of ***']);
  expect(log.redacted('t0ken.of.a.client')).toBe('***');
});

test('a text of five characters or none is in others by chance', () => {
  log.hide('');
  log.hide('agent');
  expect(log.redacted('the agent')).toBe('the agent');
});

test('a failure is told with its place and all that is underneath, without secrets', () => {
  log.hide('s3cret');
  const inner = Object.assign(new Error('refused s3cret'), { stack: undefined });
  log.error(new Error('no token', { cause: inner }));
  expect(lines).toEqual([expect.stringMatching(/^error Error: no token\n {4}at /), 'error refused ***']);
  log.error('no error at all');
  expect(lines).toHaveLength(2);
});

test('it says where the whole transcript is', () => {
  expect(log.transcript).toBe('log group group, log stream stream');
});
