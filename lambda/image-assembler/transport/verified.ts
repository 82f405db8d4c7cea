import { createHash } from 'node:crypto';
import { ImageAssemblyError } from '../common/failures';
import type { Descriptor } from '../common/media-types';

/**
 * Passes bytes on while it compares them with their descriptor. The last piece is held back until all of them are known
 * to be right, so that an upload of wrong bytes never comes to its end.
 *
 * @param source - who gives the bytes, for the message
 */
export async function* verified(
  bytes: AsyncIterable<Buffer>,
  { digest, size }: Descriptor,
  source: string,
): AsyncIterable<Buffer> {
  const hash = createHash('sha256');
  let count = 0;
  let held: Buffer | undefined;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > size) {
      throw wrong(source, `more than the ${size} bytes of ${digest}`);
    }
    hash.update(chunk);
    if (held !== undefined) {
      yield held;
    }
    held = chunk;
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (count !== size || actual !== digest) {
    throw wrong(source, `${count} bytes with the digest ${actual} for the ${size} bytes of ${digest}`);
  }
  if (held !== undefined) {
    yield held;
  }
}

function wrong(source: string, what: string): ImageAssemblyError {
  return new ImageAssemblyError(
    'ERR_DIGEST_MISMATCH',
    `${source} gave ${what}: the registry, or something between, is damaged; ` + 'nothing of it was used',
  );
}
