import { REQUEST_STATE_KEY_VARIABLE } from 'stateful-mcp-contract';
import { decrypt, encrypt } from '../../../server/src/request-state/state-encryption';
import {
  MAX_REQUEST_STATE_LENGTH,
  RequestStateCodec,
  type StateBinding,
} from '../../../server/src/request-state/request-state';

const KEY = Buffer.from(Array.from({ length: 32 }, (_value, index) => index * 3)).toString('base64');
const OTHER_KEY = Buffer.from(Array.from({ length: 48 }, (_value, index) => index * 5)).toString('base64');
const BINDING: StateBinding = {
  method: 'tools/call',
  params: { name: 'pay', arguments: { to: 'Ada', amount: 1 } },
  principal: 'me',
};

function codec(key?: string) {
  return new RequestStateCodec(key === undefined ? {} : { [REQUEST_STATE_KEY_VARIABLE]: key });
}

afterEach(() => jest.restoreAllMocks());

const refused = expect.objectContaining({ code: 'ERR_REQUEST_STATE_INVALID' }) as Error;

test('gives back what was put in', () => {
  const ours = codec();
  expect(ours.verify(ours.mint({ steps: [1, null] }, BINDING, 1000), BINDING)).toEqual({ steps: [1, null] });
});

test('is shared by all that have the key, and by nobody else', () => {
  const state = codec(KEY).mint('x', BINDING, 1000);
  expect(codec(KEY).verify(state, BINDING)).toBe('x');
  expect(() => codec(OTHER_KEY).verify(state, BINDING)).toThrow(refused);
  expect(() => codec().verify(state, BINDING)).toThrow(refused);
});

test('accepts the old key while it is rotated, and signs with the new one', () => {
  const old = codec(KEY).mint('x', BINDING, 1000);
  const rotating = codec(`${OTHER_KEY}, ${KEY}`);
  expect(rotating.verify(old, BINDING)).toBe('x');
  expect(codec(OTHER_KEY).verify(rotating.mint('y', BINDING, 1000), BINDING)).toBe('y');
});

test.each<[string, Partial<StateBinding>]>([
  ['another method', { method: 'prompts/get' }],
  ['another tool', { params: { name: 'steal', arguments: { to: 'Ada', amount: 1 } } }],
  ['other arguments', { params: { name: 'pay', arguments: { to: 'Eve', amount: 1 } } }],
  ['another principal', { principal: 'you' }],
])('belongs to one request, not to %s', (_name, other) => {
  const ours = codec(KEY);
  expect(() => ours.verify(ours.mint('x', BINDING, 1000), { ...BINDING, ...other })).toThrow(refused);
});

test.each<[string, string, string]>([
  ['infinity and null', '{"n":1e999}', '{"n":null}'],
  ['both infinities', '{"n":1e999}', '{"n":-1e999}'],
  ['both zeros', '{"n":-0}', '{"n":0}'],
  ['a number and its text', '{"n":1}', '{"n":"1"}'],
  ['infinity and its text', '{"n":1e999}', '{"n":"Infinity"}'],
  ['a list and its text', '{"n":[1,2]}', '{"n":"[1,2]"}'],
  ['a list and a member of that name', '{"n":[1]}', '{"n":{"0":1}}'],
  ['a lone surrogate and what stands for it', '{"n":"\\ud800"}', '{"n":"\ufffd"}'],
  ['two lone surrogates', '{"n":"\\ud800"}', '{"n":"\\ud801"}'],
  ['NUL and nothing', '{"n":"a\\u0000"}', '{"n":"a"}'],
  ['a member of the prototype and none', '{"__proto__":{"n":1}}', '{}'],
  ['an inherited name and none', '{"constructor":1}', '{}'],
  ['texts that look alike', '{"n":"\u0430"}', '{"n":"a"}'],
  ['forms of one character', '{"n":"\u00e9"}', '{"n":"e\u0301"}'],
  ['a member in another place', '{"a":{"b":1}}', '{"a":{},"b":1}'],
])('tells arguments apart: %s', (_name, one, other) => {
  const ours = codec(KEY);
  const binding = (text: string): StateBinding => ({
    ...BINDING,
    params: { name: 'pay', arguments: JSON.parse(text) as unknown },
  });
  const state = ours.mint('x', binding(one), 1000);
  expect(ours.verify(state, binding(one))).toBe('x');
  expect(() => ours.verify(state, binding(other))).toThrow(refused);
});

test('is not moved between the parts that it is bound to', () => {
  const ours = codec(KEY);
  const bindings: StateBinding[] = [
    { method: 'a', params: { name: 'b' }, principal: 'c' },
    { method: 'a', params: { name: 'b","c' }, principal: '' },
    { method: 'a","b', params: {}, principal: 'c' },
    { method: 'a', params: { name: 'b', arguments: 'c' }, principal: '' },
    { method: 'a', params: { arguments: 'b' }, principal: 'c' },
    { method: 'a', params: {}, principal: 'c' },
  ];
  for (const [index, binding] of bindings.entries()) {
    const state = ours.mint('x', binding, 1000);
    for (const [at, other] of bindings.entries()) {
      if (at === index) {
        expect(ours.verify(state, other)).toBe('x');
      } else {
        expect(() => ours.verify(state, other)).toThrow(refused);
      }
    }
  }
});

test('does not mind the order of arguments, or what else is in the params', () => {
  const ours = codec(KEY);
  const params = { _meta: { progressToken: 7 }, arguments: { amount: 1, to: 'Ada' }, name: 'pay', inputResponses: {} };
  expect(ours.verify(ours.mint('x', BINDING, 1000), { ...BINDING, params })).toBe('x');
});

test('expires, and not before', () => {
  const ours = codec(KEY);
  const now = jest.spyOn(Date, 'now').mockReturnValue(1000);
  const [state, over] = [ours.mint('x', BINDING, 500), ours.mint('x', BINDING, -1)];
  expect(() => ours.verify(over, BINDING)).toThrow('the `requestState` is refused: it has expired');
  expect(ours.verify(ours.mint('y', BINDING, 0), BINDING)).toBe('y');
  now.mockReturnValue(1500);
  expect(ours.verify(state, BINDING)).toBe('x');
  now.mockReturnValue(1501);
  expect(() => ours.verify(state, BINDING)).toThrow('the `requestState` is refused: it has expired');
});

test('is refused without an end, although it is signed', () => {
  const ours = codec(KEY);
  const now = jest.spyOn(Date, 'now').mockReturnValue(NaN);
  const state = ours.mint('x', BINDING, 1000);
  now.mockRestore();
  expect(() => ours.verify(state, BINDING)).toThrow('the `requestState` is refused: it has no expiry');
});

test.each([NaN, Infinity, 2 ** 31])('is not minted for a lifetime of %d ms', lifetimeMs => {
  expect(() => codec(KEY).mint('x', BINDING, lifetimeMs)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error,
  );
});

test.each([
  [15, false],
  [16, true],
])('a key of %i different bytes is taken: %s', (different, isTaken) => {
  const key = Buffer.from(Array.from({ length: 32 }, (_value, index) => index % different)).toString('base64');
  const mint = (): unknown => codec(key).mint('x', BINDING, 1000);
  if (isTaken) {
    expect(mint).not.toThrow();
  } else {
    expect(mint).toThrow(expect.objectContaining({ code: 'ERR_REQUEST_STATE_KEY' }) as Error);
  }
});

test('is refused with any character changed', () => {
  const ours = codec(KEY);
  const state = ours.mint({ approved: false }, BINDING, 1000);
  for (let i = 0; i < state.length; i += 1) {
    const changed = state.slice(0, i) + (state[i] === 'A' ? 'B' : 'A') + state.slice(i + 1);
    expect(() => ours.verify(changed, BINDING)).toThrow(refused);
  }
});

test.each<[string, unknown]>([
  ['', ''],
  ['one part', 'v1'],
  ['no MAC', 'v1.e30.'],
  ['four parts', 'v1.e30.AAAA.AAAA'],
  ['a MAC that is too short', 'v1.e30.AAAA'],
  ['a MAC that is too long', `v1.e30.${'A'.repeat(44)}`],
  ['no text', { state: 1 }],
  ['a list', ['v1.e30.AAAA']],
])('is refused when it is malformed: %s', (_name, state) => {
  expect(() => codec(KEY).verify(state, BINDING)).toThrow(refused);
});

test('is refused by its form before a signature is made', () => {
  const ours = codec(KEY);
  const mac = 'A'.repeat(43);
  const notOurs = 'the `requestState` is refused: it was not minted here';
  for (const state of [`v2.e30.${mac}`, `v1..${mac}`, 'v1.e30', `v1.${'A'.repeat(MAX_REQUEST_STATE_LENGTH)}.${mac}`]) {
    expect(() => ours.verify(state, BINDING)).toThrow(notOurs);
  }
  expect(() => ours.verify(`${ours.mint('x', BINDING, 1000)}.more`, BINDING)).toThrow(notOurs);
  expect(() => ours.verify(`v1.e30.${mac}`, BINDING)).toThrow('its signature does not fit');
});

test('is bounded', () => {
  expect(() => codec(KEY).mint('x'.repeat(MAX_REQUEST_STATE_LENGTH), BINDING, 1000)).toThrow(
    expect.objectContaining({ code: 'ERR_REQUEST_STATE_TOO_LARGE' }) as Error,
  );
});

test('refuses a key that is too short, at its first use', () => {
  const ours = codec('c2hvcnQ=');
  expect(() => ours.mint('x', BINDING, 1000)).toThrow(
    expect.objectContaining({
      code: 'ERR_REQUEST_STATE_KEY',
      message: expect.stringContaining('got 5 bytes') as string,
    }) as Error,
  );
});

test('draws a key of its own when the variable is empty', () => {
  expect(() => codec(KEY).verify(codec('').mint('x', BINDING, 1000), BINDING)).toThrow(refused);
});

describe('encrypted', () => {
  const SECRET = 'a secret that nobody else may read';

  test('gives back what was put in, with any of the keys, and never looks the same', () => {
    const ours = codec(KEY);
    const states = [1, 2].map(() => ours.mint({ token: SECRET }, BINDING, 1000, 'encrypted'));
    expect(new Set(states).size).toBe(2);
    for (const state of states) {
      expect(codec(`${OTHER_KEY},${KEY}`).verify(state, BINDING)).toEqual({ token: SECRET });
    }
  });

  test('cannot be read', () => {
    const [, body] = codec(KEY).mint({ token: SECRET }, BINDING, 1000, 'encrypted').split('.');
    const bytes = Buffer.from(body!, 'base64url');
    for (const encoding of ['utf8', 'utf16le', 'latin1', 'base64', 'hex'] as const) {
      expect(bytes.toString(encoding)).not.toMatch(/secret|token/);
    }
    const [, signed] = codec(KEY).mint({ token: SECRET }, BINDING, 1000, 'signed').split('.');
    expect(Buffer.from(signed!, 'base64url').toString()).toContain(SECRET);
  });

  test('belongs to one request, expires, and is refused with any character changed', () => {
    const ours = codec(KEY);
    const state = ours.mint('x', BINDING, 1000, 'encrypted');
    expect(() => ours.verify(state, { ...BINDING, principal: 'you' })).toThrow(refused);
    expect(() => ours.verify(ours.mint('x', BINDING, -1, 'encrypted'), BINDING)).toThrow(refused);
    for (let at = 0; at < state.length; at += 1) {
      const changed = `${state.slice(0, at)}${state[at] === 'A' ? 'B' : 'A'}${state.slice(at + 1)}`;
      expect(() => ours.verify(changed, BINDING)).toThrow(refused);
    }
  });

  test('is not taken for a signed one, nor a signed one for it', () => {
    const ours = codec(KEY);
    for (const [protection, other] of [
      ['signed', 'e1'],
      ['encrypted', 'v1'],
    ] as const) {
      expect(() => ours.verify(ours.mint('x', BINDING, 1000, protection).replace(/^../, other), BINDING)).toThrow(
        refused,
      );
    }
  });
});

describe('encryption by itself', () => {
  test('notices every change', () => {
    const key = Buffer.from(KEY, 'base64');
    const encrypted = encrypt(key, Buffer.from('plain'));
    expect(decrypt(key, encrypted).toString()).toBe('plain');
    for (let at = 0; at < encrypted.length; at += 1) {
      const changed = Buffer.from(encrypted);
      changed[at]! ^= 1;
      expect(() => decrypt(key, changed)).toThrow();
    }
  });
});
