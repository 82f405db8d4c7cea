import { createHash } from 'node:crypto';

/** The name of content in a registry. */
export function digestOf(content: Buffer | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
