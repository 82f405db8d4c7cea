import type { ReleaseWatchEvent } from '../../lib/private/release/release-check-contract';
import { HttpTransport } from '../common/http-transport';
import { Deadline } from './common/deadline';
import { ReleaseLog } from './common/release-log';
import { parseWatch } from './common/release-request';
import { runName } from './common/run-name';
import type { Invocation } from './invocation';
import type { ReleaseCheckSettings } from './settings';
import { watch } from './stage/watch';

/** A check of what users get now, by a schedule. It ends with its invocation. */
export async function scheduledWatch(
  event: ReleaseWatchEvent,
  invocation: Invocation,
  settings: ReleaseCheckSettings,
): Promise<void> {
  const { retries, connectTimeoutMs, reservedMs } = settings;
  const invocationMs = invocation.getRemainingTimeInMillis() - reservedMs;
  const deadline = new Deadline({ startedAt: Date.now(), runMs: invocationMs, invocationMs, continues: false });
  const transport = new HttpTransport();
  const { signal } = deadline;
  try {
    const request = parseWatch(event);
    await watch({
      request,
      deadline,
      log: new ReleaseLog(invocation),
      access: { transport, retries, signal },
      connectTimeoutMs,
      awsCalls: settings,
      run: runName(request.runtimeArn, request.endpointName, invocation.awsRequestId),
    });
  } finally {
    deadline.end();
    transport.close();
  }
}
