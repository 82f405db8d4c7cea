import { chooseChallenge, parseChallenges } from '../../../../lambda/image-assembler/registry/challenges';

const REALM = 'https://a.test/token';
const BEARER = { scheme: 'bearer', parameters: { realm: REALM, service: 'b', scope: 'c d' } };
const BASIC = { scheme: 'basic', parameters: { realm: 'a, b' } };

test.each([
  ['Bearer realm="https://a.test/token",service="b",scope="c d"', [BEARER]],
  ['bearer Realm = https://a.test/token', [{ scheme: 'bearer', parameters: { realm: REALM } }]],
  ['Basic realm="a, b"', [BASIC]],
  ['Basic realm="a, b", Bearer realm="https://a.test/token", service="b", scope="c d"', [BASIC, BEARER]],
  ['Bearer realm="https://a.test/token",service="b",scope="c d",Basic realm="a, b"', [BEARER, BASIC]],
  [
    'Negotiate, NTLM dG9rZW4=, Basic realm="a, b", charset="UTF-8"',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'ntlm', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a, b', charset: 'UTF-8' } },
    ],
  ],
  [
    'Basic realm="Bearer realm=\\"x\\", Basic"',
    [{ scheme: 'basic', parameters: { realm: 'Bearer realm="x", Basic' } }],
  ],
  [', , Basic realm=a ,', [{ scheme: 'basic', parameters: { realm: 'a' } }]],
  ['realm="of nobody"', []],
  ['', []],
  [undefined, []],
])('the challenges in %s', (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});

test.each([
  ['a token before a password', [BASIC, BEARER], true, BEARER],
  ['a password that is known', [{ scheme: 'negotiate', parameters: {} }, BASIC], true, BASIC],
  ['a password that is not known', [BASIC], false, undefined],
  ['a token of nobody', [{ scheme: 'bearer', parameters: { service: 'b' } }, BASIC], true, BASIC],
  ['a password that is not known, for a URL', [{ ...BASIC, parameters: { realm: REALM } }], false, undefined],
  ['a token of the second one', [{ scheme: 'bearer', parameters: { realm: 'a' } }, BEARER], false, BEARER],
  ['a host for a URL', [{ scheme: 'bearer', parameters: { realm: 'a.test:5000/token' } }, BASIC], true, BASIC],
  ['neither', [{ scheme: 'digest', parameters: { realm: 'a' } }], true, undefined],
])('what is met: %s', (_case, challenges, hasCredentials, chosen) => {
  expect(chooseChallenge(challenges, { hasCredentials })).toEqual(chosen);
});
