import type { Caller } from '../auth/caller';
import { respondJson, type Exchange } from '../http/exchange';
import {
  invalidMember,
  PlatformException,
  sessionInTransition,
  sessionNotFound,
  payloadTooLong,
} from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import type { Sessions } from '../session/sessions';
import { RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

/** Service model, StopRuntimeSession. */
const CLIENT_TOKEN = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256}$/;
const SHORTEST_TOKEN = 33;
const LONGEST_TOKEN = 256;

/**
 * StopRuntimeSession: ends a session and its streams at once. Takes the runtime session id of its last requests and
 * answers, and the `Mcp-Session-Id`.
 *
 * @throws PlatformException
 */
export async function stopRuntimeSession(
  exchange: Exchange,
  sessions: Sessions,
  { identity }: Caller,
  { sessionBinding }: PlatformSettings,
): Promise<void> {
  const id = exchange.headers[RUNTIME_SESSION_ID] as string | undefined;
  if (!id) {
    throw invalidMember('runtimeSessionId', 'is required');
  }
  await checkBody(exchange);
  const session = sessions.find(id);
  if (!session || (session.ownerBy(id) !== identity && sessionBinding === 'caller')) {
    throw sessionNotFound();
  }
  if (!session.stoppable) {
    throw sessionInTransition();
  }
  session.stop('stopped');
  respondJson(exchange.response, 200, '{}', ['X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', id]);
}

async function checkBody({ body }: Exchange): Promise<void> {
  const bytes = await body.readAll();
  if (body.tooLong) {
    throw payloadTooLong(body.limitBytes);
  }
  if (!bytes) {
    throw new PlatformException('ValidationException', 'the body was broken off', { reason: 'CannotParse' });
  }
  const text = bytes.toString('utf8');
  if (text === '') {
    return;
  }
  let token: unknown;
  try {
    token = (JSON.parse(text) as { clientToken?: unknown } | null)?.clientToken;
  } catch {
    throw new PlatformException('ValidationException', 'the body is no JSON', { reason: 'CannotParse' });
  }
  if (token === undefined || token === null) {
    return;
  }
  if (
    typeof token !== 'string' ||
    token.length < SHORTEST_TOKEN ||
    token.length > LONGEST_TOKEN ||
    !CLIENT_TOKEN.test(token)
  ) {
    throw invalidMember('clientToken', `must be ${SHORTEST_TOKEN} to ${LONGEST_TOKEN} letters, digits and hyphens`);
  }
}
