import { WARMUP_PATH } from '../common/contract';
import type { ServingProps } from './serving-problems';

/** What says whether there is a hook. */
export interface WarmupProps {
  readonly warmup?: { readonly _hook: ServingProps['warmup'] };
  readonly platformVersion?: { readonly value: string };
  readonly capacityProvider?: object;
}

/**
 * The hook of a server: the one that it is given, or that of the kit, which answers it by a conversation with itself.
 * Hooks are for microVMs on platform version V2.
 */
export function warmupHookOf(
  { warmup, platformVersion, capacityProvider }: WarmupProps,
  usesServerKit: boolean,
): ServingProps['warmup'] {
  if (warmup !== undefined) {
    return warmup._hook;
  }
  const isPossible = platformVersion?.value === 'V2' && capacityProvider === undefined;
  return usesServerKit && isPossible ? { path: WARMUP_PATH } : undefined;
}
