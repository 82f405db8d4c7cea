import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** AgentCore gives a container 120 seconds to become healthy, and refuses the other requests of its session meanwhile. */
const LONGEST_WAIT_MS = 150_000;

/**
 * Whether the platform refused a request because its session was just being started or stopped. The request did not
 * reach the server then, and may be sent again. A server's own error with the same code has another text.
 */
export function isSessionBusy(body: string): boolean {
  // Bodies can be large, and this one is rare.
  if (!body.includes(String(PLATFORM_ERROR_CODES.conflict))) {
    return false;
  }
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; message?: unknown } };
    return error?.code === PLATFORM_ERROR_CODES.conflict && /\boperation in progress\b/i.test(String(error.message));
  } catch {
    return false;
  }
}

/** How long to wait before each further try: twice as long each time, by chance up to half shorter, in milliseconds. */
export function* retryDelays(): Generator<number, undefined> {
  let waited = 0;
  for (let most = FIRST_DELAY_MS; waited < LONGEST_WAIT_MS; most = Math.min(most * 2, LONGEST_DELAY_MS)) {
    const delay = most * (0.5 + Math.random() / 2);
    waited += delay;
    yield delay;
  }
  return undefined;
}
