import { isJsonObject, jsonRpcResult, requestIdOf } from '../common/json-rpc';
import { readMessage } from './request-message';

/** A probe says its name and an id. */
const LONGEST_PROBE_BYTES = 1024;

/** Whether a request can be the platform's own health probe: a POST outside of any session. */
function mayBeProbe({ method, headers }: Request): boolean {
  return method === 'POST' && !headers.has('mcp-session-id');
}

/** The answer to a `ping` outside of any session, whatever it accepts; undefined for all else. */
export function pingAnswer(request: Request, body: unknown): Response | undefined {
  const id = requestIdOf(body);
  return mayBeProbe(request) && id !== null && isJsonObject(body) && body['method'] === 'ping'
    ? jsonRpcResult(id, {})
    : undefined;
}

/** The same for a request whose body somebody else is to read. */
export async function unreadPingAnswer(request: Request): Promise<Response | undefined> {
  if (!mayBeProbe(request) || Number(request.headers.get('content-length') ?? 0) > LONGEST_PROBE_BYTES) {
    return undefined;
  }
  const message = await readMessage(request.clone(), LONGEST_PROBE_BYTES);
  return message instanceof Response ? undefined : pingAnswer(request, message.body);
}
