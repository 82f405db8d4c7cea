import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Random bytes straight from the kernel, drawn now.
 *
 * A platform may restore many instances from one snapshot of a started process. Then the cache behind
 * `crypto.randomUUID()` and the state of OpenSSL's generator are part of the snapshot, and the instances would hand out
 * the same "random" values. The kernel's device is reseeded for each instance. Windows has no such device and is never
 * restored that way: OpenSSL serves it.
 */
export function kernelRandomBytes(size: number): Buffer {
  if (process.platform === 'win32') {
    return randomBytes(size);
  }
  const bytes = Buffer.alloc(size);
  const device = openSync('/dev/urandom', 'r');
  try {
    for (let filled = 0; filled < size;) {
      filled += readSync(device, bytes, filled, size - filled, null);
    }
  } finally {
    closeSync(device);
  }
  return bytes;
}

/** A version 4 UUID of bytes drawn from the kernel now. */
export function kernelUuid(): string {
  const bytes = kernelRandomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
