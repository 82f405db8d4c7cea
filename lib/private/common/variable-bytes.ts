import { Token } from 'aws-cdk-lib';
import { REQUEST_STATE_KEY_VARIABLE } from './contract';

/**
 * How much of the environment a variable takes, where only the deployment knows its value: the least of it.
 *
 * @param keyBytes - the same for a key of request state
 */
export function bytesOf(name: string, value: unknown, keyBytes: number): number {
  const unknown = name === REQUEST_STATE_KEY_VARIABLE ? keyBytes : 0;
  const known = typeof value === 'string' && !Token.isUnresolved(value) && !value.includes('{{resolve:');
  return Buffer.byteLength(name) + (known ? Buffer.byteLength(value) : unknown);
}
