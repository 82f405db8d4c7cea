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

// While a version is replaced, both serve.
test.each([
  'v1.eyJub25jZSI6IlV5VnBZbDlJX09lTkNxREQiLCJleHBpcmVzIjo5MDAwMDAwMDAwMDAxLCJwYXlsb2FkIjoia2VwdCJ9.SLCp04qxoqtOTNPV1MjQ4aTlSRa7Hunkz4t8kKku4IY',
  'e1.ktKY4D9cdeqpg1QenKAJvrhlfdQap4at960AF4uMNdzhV_9u-ZH0SBz08-XUQGlZfREHpOd2lZJLBMDDGcuDGkqooutajEiIErVngxAE95imWNNoCYXdIaBrP0Co2qLehQSUlvP5OrjyLWAnQIlYHBW8jS7G.daZ33JrWQG3da8jY__Ej82hZMLavY7GarLDw4Bj8MxE',
])('is shared with an earlier version: %s', state => {
  expect(codec(KEY).verify(state, BINDING)).toBe('kept');
  expect(() => codec(KEY).verify(state, { ...BINDING, principal: 'you' })).toThrow(refused);
});

test.each<[string, Partial<StateBinding>]>([
  ['another method', { method: 'prompts/get' }],
  ['another tool', { params: { name: 'steal', arguments: { to: 'Ada', amount: 1 } } }],
  ['other arguments', { params: { name: 'pay', arguments: { to: 'Eve', amount: 1 } } }],
  [
    'a resource of the name of the tool',
    { params: { uri: 'pay', arguments: { to: 'Ada', amount: 1 } }, method: 'resources/read' },
  ],
  ['no arguments', { params: { name: 'pay' } }],
  ['no params', { params: undefined }],
  ['another principal', { principal: 'you' }],
  ['nobody', { principal: '' }],
])('belongs to one request, not to %s', (_name, other) => {
  const ours = codec(KEY);
  expect(() => ours.verify(ours.mint('x', BINDING, 1000), { ...BINDING, ...other })).toThrow(refused);
});

test('belongs to one resource, not to another', () => {
  const ours = codec(KEY);
  const reading = (uri: string): StateBinding => ({ ...BINDING, method: 'resources/read', params: { uri } });
  const state = ours.mint('x', reading('file:///one'), 1000);
  expect(ours.verify(state, reading('file:///one'))).toBe('x');
  expect(() => ours.verify(state, reading('file:///other'))).toThrow(refused);
});

test.each<[unknown, unknown]>([
  [{ name: 'pay' }, { name: 'pay', arguments: null }],
  [{ uri: 'file:///one' }, { name: null, uri: 'file:///one' }],
  [undefined, null],
  [undefined, {}],
])('takes null as absent: %j is %j', (one, other) => {
  const ours = codec(KEY);
  const state = ours.mint('x', { ...BINDING, params: one }, 1000);
  expect(ours.verify(state, { ...BINDING, params: other })).toBe('x');
});

test.each<[string, string, string]>([
  ['infinity and null', '{"n":1e999}', '{"n":null}'],
  ['both infinities', '{"n":1e999}', '{"n":-1e999}'],
  ['both zeros', '{"n":-0}', '{"n":0}'],
  ['negative zero and nothing', '[-0]', '[]'],
  ['null and nothing', '[null]', '[]'],
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

test('two states of one moment are two, so that one can be told from the other', () => {
  jest.spyOn(Date, 'now').mockReturnValue(1000);
  const ours = codec(KEY);
  const states = Array.from({ length: 20 }, () => ours.mint('x', BINDING, 1000, 'signed'));
  expect(new Set(states).size).toBe(20);
  const nonces = states.map(state => {
    const content = JSON.parse(Buffer.from(state.split('.')[1]!, 'base64url').toString()) as { nonce: string };
    return Buffer.from(content.nonce, 'base64url');
  });
  expect(nonces.map(nonce => nonce.length)).toEqual(Array<number>(20).fill(12));
  // Random in every place.
  for (let at = 0; at < 12; at += 1) {
    expect(new Set(nonces.map(nonce => nonce[at])).size).toBeGreaterThan(1);
  }
});

test('is refused without an end, although it is signed', () => {
  const ours = codec(KEY);
  const now = jest.spyOn(Date, 'now').mockReturnValue(NaN);
  const state = ours.mint('x', BINDING, 1000);
  now.mockRestore();
  expect(() => ours.verify(state, BINDING)).toThrow('the `requestState` is refused: it has no expiry');
});

test.each(['null', '7', '"x"', '[]', '{}', '{"expires":"9999999999999"}'])(
  'is refused when its content is no state, although it is signed: %s',
  content => {
    const stringify = jest.spyOn(JSON, 'stringify');
    stringify.mockReturnValueOnce(content);
    const state = codec(KEY).mint('x', BINDING, 1000);
    stringify.mockRestore();
    expect(Buffer.from(state.split('.')[1]!, 'base64url').toString()).toBe(content);
    expect(() => codec(KEY).verify(state, BINDING)).toThrow('the `requestState` is refused: it has no expiry');
  },
);

test.each([NaN, Infinity, 2 ** 31, 2 ** 31 - 0.5])('is not minted for a lifetime of %d ms', lifetimeMs => {
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

test.each(['signed', 'encrypted'] as const)('is bounded, and whatever was minted is taken: %s', protection => {
  const ours = codec(KEY);
  const minted = (length: number): string | undefined => {
    try {
      return ours.mint('x'.repeat(length), BINDING, 10_000, protection);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_REQUEST_STATE_TOO_LARGE' });
      return undefined;
    }
  };
  let [fits, tooMuch] = [0, MAX_REQUEST_STATE_LENGTH];
  while (tooMuch - fits > 1) {
    const between = Math.floor((fits + tooMuch) / 2);
    [fits, tooMuch] = minted(between) === undefined ? [fits, between] : [between, tooMuch];
  }
  const longest = minted(fits)!;
  // Base64 has no text of every length.
  expect(262_144 - longest.length).toBeLessThan(3);
  expect(longest.length).toBeLessThanOrEqual(262_144);
  expect(ours.verify(longest, BINDING)).toBe('x'.repeat(fits));
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

  test('is what the client cannot read only where that is asked for', () => {
    const [one, two, three] = [
      codec(KEY).mint('x', BINDING, 1000),
      codec(KEY).mint('x', BINDING, 1000, 'signed'),
      codec(KEY).mint('x', BINDING, 1000, 'encrypted'),
    ].map(state => state.split('.')[0]);
    expect([one, two, three]).toEqual(['v1', 'v1', 'e1']);
  });

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
