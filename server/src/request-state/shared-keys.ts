import { REQUEST_STATE_KEY_VARIABLE } from 'stateful-mcp-contract';
import { ServerKitError } from '../common/errors';

/** The least that a shared key has. */
export const KEY_BYTES = 32;
/** 32 random bytes have fewer different ones than this in less than one key of 10^12. */
const MIN_DISTINCT_BYTES = 16;

/**
 * The keys that all processes of a runtime share, from the text of the environment variable: one, or two during a
 * rotation.
 * @throws ServerKitError `ERR_REQUEST_STATE_KEY`
 */
export function decodeKeys(text: string): readonly Buffer[] {
  return text.split(',').map(decodeKey);
}

function decodeKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length >= KEY_BYTES && new Set(key).size < MIN_DISTINCT_BYTES) {
    throw new ServerKitError(
      'ERR_REQUEST_STATE_KEY',
      `\`${REQUEST_STATE_KEY_VARIABLE}\` repeats itself and can be guessed; make one with: openssl rand -base64 32`,
    );
  }
  if (key.length >= KEY_BYTES) {
    return key;
  }
  throw new ServerKitError(
    'ERR_REQUEST_STATE_KEY',
    `\`${REQUEST_STATE_KEY_VARIABLE}\` must be base64 of at least ${KEY_BYTES} bytes, got ${key.length} bytes; make one with: openssl rand -base64 32`,
  );
}
