import { randomBytes } from 'node:crypto';
import { RequestStateCodec } from '../../../server/src/request-state/request-state';
import { decrypt, encrypt } from '../../../server/src/request-state/state-encryption';

test('no two messages have the same key: equal texts differ in salt and in every block', () => {
  const key = randomBytes(32);
  const text = Buffer.alloc(64, 'x');
  const [one, two] = [encrypt(key, text), encrypt(key, text)];
  expect(one.subarray(0, 32)).not.toEqual(two.subarray(0, 32));
  for (let block = 32; block < 96; block += 16) {
    expect(one.subarray(block, block + 16)).not.toEqual(two.subarray(block, block + 16));
  }
  expect(decrypt(key, one)).toEqual(text);
});

test.each([Buffer.alloc(32), Buffer.alloc(64, 'ab'), Buffer.from('password'.repeat(5))])(
  'a key without entropy is refused: %p',
  key => {
    const codec = new RequestStateCodec({ STATEFUL_MCP_REQUEST_STATE_KEY: key.toString('base64') });
    expect(() => codec.mint({}, { method: 'm', params: {}, principal: '' }, 1000)).toThrow(/repeats itself/);
  },
);

// Kept sessions outlive the process, and its version.
test('what an earlier version has encrypted can be read', () => {
  const key = Buffer.from(Array.from({ length: 32 }, (_value, index) => (index * 7) % 256));
  const kept = 'QdRa0f/qbwI/cB/Ak/RkVzDathk4jF30AtSWSmB7Gi6M5Z2jHwaq9jf/0gAYFyp38pS6Cial3vG6vmnqDTQ3Um1CYv9/dUM8gKw=';
  expect(decrypt(key, Buffer.from(kept, 'base64')).toString()).toBe('kept by an earlier version');
});

test('a message is the salt, the text in its length, and a whole tag', () => {
  const key = randomBytes(32);
  expect(encrypt(key, Buffer.alloc(0))).toHaveLength(48);
  expect(encrypt(key, Buffer.alloc(100))).toHaveLength(148);
  for (let length = 0; length < 48; length += 1) {
    const code = length < 16 ? { code: 'ERR_CRYPTO_INVALID_AUTH_TAG' } : {};
    expect(() => decrypt(key, Buffer.alloc(length))).toThrow(expect.objectContaining(code) as Error);
  }
});

test.each([
  [0, false],
  [16, false],
  [31, false],
  [32, true],
  [33, true],
  [64, true],
])('a key of %i bytes is taken: %s', (length, isTaken) => {
  const key = Buffer.from(Array.from({ length }, (_value, index) => index)).toString('base64');
  const keys = `${key},${randomBytes(32).toString('base64')}`;
  const codec = new RequestStateCodec({ STATEFUL_MCP_REQUEST_STATE_KEY: keys });
  const mint = (): string => codec.mint({}, { method: 'm', params: {}, principal: '' }, 1000);
  if (isTaken) {
    expect(mint()).toMatch(/^v1\./);
  } else {
    expect(mint).toThrow(`must be base64 of at least 32 bytes, got ${length} bytes`);
  }
});
