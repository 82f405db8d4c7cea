import type { ReleaseWatchEvent } from '../../lib/private/release/release-check-contract';
import type { Invocation } from './invocation';
import type { ReleaseEvent } from './release';
import { SETTINGS, type ReleaseCheckSettings } from './settings';

export type ReleaseCheckHandler = (event: ReleaseEvent | ReleaseWatchEvent, invocation: Invocation) => Promise<void>;

/**
 * The handler, which is called by CloudFormation for a custom resource, by itself to go on with one, and by a schedule.
 * All that it does is in a file of its own, which is loaded with the first event, so that the function starts like an
 * empty one.
 */
export function createHandler(settings: ReleaseCheckSettings): ReleaseCheckHandler {
  return async (event, invocation) => {
    const { release, scheduledWatch } = await import('./run');
    await ('watch' in event ? scheduledWatch(event, invocation, settings) : release(event, invocation, settings));
  };
}

export const handler = createHandler(SETTINGS);
