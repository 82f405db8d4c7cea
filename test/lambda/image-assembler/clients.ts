import { HttpTransport } from '../../../lambda/common/http-transport';
import { parseImageReference } from '../../../lambda/image-assembler/common/image-reference';
import { RegistryClient } from '../../../lambda/image-assembler/registry/registry-client';
import type { RegistryConnectionOptions } from '../../../lambda/image-assembler/registry/registry-connection';
import { explainBase, explainRepository } from '../../../lambda/image-assembler/registry/registry-failures';
import type { RetryPolicy } from '../../../lambda/common/retry';
import type { FaultyRegistry } from './faulty-registry';

/** As the shipped policy, in a hurry. */
export const QUICK_RETRIES: RetryPolicy = {
  attempts: 4,
  firstPauseMs: 1,
  longestPauseMs: 4,
  longestRetryAfterMs: 2000,
};

const transports: HttpTransport[] = [];

export function closeTransports(): void {
  transports.splice(0).forEach(transport => transport.close());
}

/** A client for `library/base`, to read from. */
export function baseClient(registry: FaultyRegistry, options: Partial<RegistryConnectionOptions> = {}): RegistryClient {
  return new RegistryClient({
    ...connection(registry),
    repository: 'library/base',
    access: 'pull',
    explain: explainBase(parseImageReference(`${registry.host}/library/base:1`)),
    ...options,
  });
}

/** A client for `expenses`, to write to. */
export function targetClient(
  registry: FaultyRegistry,
  options: Partial<RegistryConnectionOptions> = {},
): RegistryClient {
  return new RegistryClient({
    ...connection(registry),
    repository: 'expenses',
    access: 'pull,push',
    explain: explainRepository(`${registry.host}/expenses`),
    ...options,
  });
}

function connection({ url }: FaultyRegistry) {
  const transport = new HttpTransport();
  transports.push(transport);
  return { endpoint: url, transport, retryPolicy: QUICK_RETRIES, idleTimeoutMs: 5000 };
}
