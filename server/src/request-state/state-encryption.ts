import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { kernelRandomBytes } from '../common/kernel-random';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const SALT_BYTES = 32;
const TAG_BYTES = 16;

/**
 * A message has a key of its own, made of the shared key and a salt from the kernel. Its nonce may therefore always be
 * the same, and the number of messages under one shared key has no bound that anybody could reach.
 */
const NONCE = Buffer.alloc(12);

/** AES-256-GCM: the salt, the ciphertext, the tag. */
export function encrypt(sharedKey: Buffer, plaintext: Buffer): Buffer {
  const salt = kernelRandomBytes(SALT_BYTES);
  const cipher = createCipheriv(CIPHER, messageKey(sharedKey, salt), NONCE);
  return Buffer.concat([salt, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when a bit of it was changed. */
export function decrypt(sharedKey: Buffer, encrypted: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, messageKey(sharedKey, encrypted.subarray(0, SALT_BYTES)), NONCE, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(encrypted.subarray(SALT_BYTES, -TAG_BYTES)), decipher.final()]);
}

function messageKey(sharedKey: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', sharedKey, salt, 'stateful-mcp-server request state encryption', KEY_BYTES));
}
