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
