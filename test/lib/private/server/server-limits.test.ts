import { Duration, Lazy } from 'aws-cdk-lib';
import { limitProblems, type LimitedProps } from '../../../../lib/private/server/server-limits';
import { errorOf, greetingServer, unbundledStack } from '../../fixtures/stacks';

const variables = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${index}`, '']));
const values = (...lengths: number[]): Record<string, string> =>
  Object.fromEntries(lengths.map((length, index) => [`V${index}`, 'x'.repeat(length)]));

test.each<[string, LimitedProps]>([
  ['no props', {}],
  ['a name of 1 character', { runtimeName: 'a' }],
  ['a name of 48 characters', { runtimeName: 'a'.repeat(48) }],
  ['a name with digits and underscores', { runtimeName: 'A_1' }],
  ['a description of 1 character', { description: 'x' }],
  ['a description of 1200 characters', { description: 'x'.repeat(1200) }],
  ['the shortest limits', { idleTimeout: Duration.seconds(60), maxLifetime: Duration.seconds(60) }],
  ['the longest limits', { idleTimeout: Duration.seconds(28_800), maxLifetime: Duration.seconds(28_800) }],
  ['a lifetime below the default idle timeout', { maxLifetime: Duration.minutes(5) }],
  ['an idle timeout of the default lifetime', { idleTimeout: Duration.hours(8) }],
  ['50 tags', { tags: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, ''])) }],
  ['a tag with all that tags may have', { tags: { ['a b_.:/=+@-'.padEnd(128, 'x')]: 'y'.repeat(256) } }],
  ['50 variables', { environment: variables(50) }],
  ['a variable with a name of 100 characters', { environment: { ['_'.repeat(100)]: '' } }],
  ['a variable of 2048 characters', { environment: values(2048) }],
  ['4096 bytes of names and values', { environment: values(2048, 2044) }],
])('%s can be deployed', (_case, props) => {
  expect(limitProblems(props)).toEqual([]);
});

test.each<[string, LimitedProps, string]>([
  [
    'an empty name',
    { runtimeName: '' },
    '`runtimeName` is ""; letters, digits and underscores are allowed, 48 at most, with a letter first: leave it out to have one generated',
  ],
  ['a name of 49 characters', { runtimeName: 'a'.repeat(49) }, `try "${'a'.repeat(48)}"`],
  [
    'a name with a hyphen',
    { runtimeName: 'my-server' },
    '`runtimeName` is "my-server"; letters, digits and underscores are allowed, 48 at most, ' +
      'with a letter first: try "my_server", or leave it out to have one generated',
  ],
  ['a name with a digit first', { runtimeName: '1st' }, 'try "st"'],
  [
    'an empty description',
    { description: '' },
    '`description` has 0 characters; 1 to 1200 are allowed: leave it out instead',
  ],
  [
    'a description of 1201 characters',
    { description: 'x'.repeat(1201) },
    '`description` has 1201 characters; 1 to 1200 are allowed: shorten it',
  ],
  [
    '51 tags',
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, ''])) },
    '`tags` has 51 tags; 50 are allowed: leave some out',
  ],
  ['a tag with a key of 129 characters', { tags: { ['x'.repeat(129)]: '' } }, 'keys of 1 to 128 characters'],
  ['a tag without a key', { tags: { '': 'a' } }, '`tags` has "" with a value of 1 characters'],
  ['a tag with a value of 257 characters', { tags: { a: 'x'.repeat(257) } }, 'a value of 257 characters'],
  ['a tag with a comma', { tags: { a: 'b,c' } }, 'of letters, digits, blanks and ._:/=+@-: change it'],
  [
    'an idle timeout of 59 seconds',
    { idleTimeout: Duration.seconds(59) },
    '`idleTimeout` is 59 seconds; whole seconds from 60 to 28800 (1 minute to 8 hours) are allowed: use Duration.minutes(1) or more',
  ],
  ['an idle timeout of 28801 seconds', { idleTimeout: Duration.seconds(28_801) }, '`idleTimeout` is 28801 seconds; '],
  ['a lifetime of 59 seconds', { maxLifetime: Duration.seconds(59) }, '`maxLifetime` is 59 seconds; '],
  ['a lifetime of 28801 seconds', { maxLifetime: Duration.seconds(28_801) }, 'use Duration.hours(8) or less'],
  ['a fraction of a second', { idleTimeout: Duration.millis(60_500) }, '`idleTimeout` is 60.5 seconds; '],
  [
    'an idle timeout above the lifetime',
    { idleTimeout: Duration.seconds(61), maxLifetime: Duration.seconds(60) },
    '`idleTimeout` is 61 seconds and `maxLifetime` is 60 seconds; a session cannot idle longer than it lives: lower `idleTimeout` or raise `maxLifetime`',
  ],
  ['51 variables', { environment: variables(51) }, '`environment` has 51 variables; 50 are allowed: '],
  ['a variable without a name', { environment: { '': 'x' } }, '`environment` has a variable named ""; '],
  ['a variable with a name of 101 characters', { environment: { ['_'.repeat(101)]: '' } }, '100 at most'],
  [
    'a variable with a hyphen',
    { environment: { 'A-B': '' } },
    '`environment` has a variable named "A-B"; letters, digits and underscores are allowed',
  ],
  ['a variable with a digit first', { environment: { '1A': '' } }, 'rename it'],
  [
    'a variable of 2049 characters',
    { environment: values(2049) },
    '`environment` gives "V0" 2049 characters; 2048 are allowed: ',
  ],
  [
    '4097 bytes of names and values',
    { environment: values(2048, 2045) },
    '`environment` holds 4097 bytes of names and values; 4096 are allowed: ',
  ],
  [
    '4098 bytes in fewer characters',
    { environment: { A: 'é'.repeat(1024), B: 'é'.repeat(1024) } },
    '`environment` holds 4098 bytes',
  ],
])('%s cannot be deployed', (_case, props, message) => {
  expect(limitProblems(props)).toEqual([expect.stringContaining(message)]);
});

test('unresolved tokens are left to the deployment', () => {
  const text = Lazy.string({ produce: () => 'x'.repeat(5000) });
  const limit = Duration.seconds(Lazy.number({ produce: () => 1 }));
  expect(
    limitProblems({
      runtimeName: text,
      description: text,
      idleTimeout: limit,
      maxLifetime: limit,
      environment: { [text]: text, A: text },
    }),
  ).toEqual([]);
  expect(limitProblems({ idleTimeout: Duration.hours(8), maxLifetime: limit })).toEqual([]);
  expect(limitProblems({ idleTimeout: limit, maxLifetime: Duration.minutes(1) })).toEqual([]);
});

describe('the error', () => {
  test('names the construct', () => {
    expect(errorOf(() => greetingServer(unbundledStack(), { runtimeName: 'my-server' }))).toMatch(
      /^\[Stack\/Server\] `runtimeName` is "my-server"; /,
    );
  });

  test('lists all that is wrong at once', () => {
    const message = errorOf(() =>
      greetingServer(unbundledStack(), { description: '', idleTimeout: Duration.seconds(1) }),
    );
    expect(message).toMatch(
      /^\[Stack\/Server\] 2 problems:\n {2}- `description` has 0 .*\n {2}- `idleTimeout` is 1 seconds; .*$/,
    );
  });
});
