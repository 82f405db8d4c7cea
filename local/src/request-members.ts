import type { Exchange } from './exchange';
import { invalidMember, PlatformException } from './platform-errors';
import { acceptsMcp } from './accept-header';
import type { PlatformSettings } from './platform-settings';

export const MCP_SESSION_ID = 'mcp-session-id';
export const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const RUNTIME_USER_ID = 'x-amzn-bedrock-agentcore-runtime-user-id';

// Service model, InvokeAgentRuntime: shortest and longest value of each header.
const MEMBERS: readonly (readonly [header: string, member: string, shortest: number, longest: number])[] = [
  ['content-type', 'contentType', 1, 256],
  ['accept', 'accept', 1, 256],
  [MCP_SESSION_ID, 'mcpSessionId', 1, 1024],
  ['mcp-protocol-version', 'mcpProtocolVersion', 1, 1024],
  ['mcp-method', 'mcpMethod', 1, 1024],
  ['mcp-name', 'mcpName', 1, 1024],
  [RUNTIME_SESSION_ID, 'runtimeSessionId', 33, 256],
  [RUNTIME_USER_ID, 'runtimeUserId', 1, 1024],
  ['x-amzn-trace-id', 'traceId', 0, 128],
  ['traceparent', 'traceParent', 0, 128],
  ['tracestate', 'traceState', 0, 512],
  ['baggage', 'baggage', 0, 8192],
];

/**
 * Refuses a payload that says it is longer than the service model allows. For before the caller is known: a signature of such a payload is never read.
 *
 * @throws PlatformException ValidationException
 */
export function checkPayload({ headers, body }: Exchange): void {
  if (Number(headers['content-length'] ?? 0) > body.limitBytes) throw payloadTooLong(body.limitBytes);
}

/**
 * Refuses headers that the service model does not allow.
 *
 * @throws PlatformException ValidationException
 */
export function checkMembers({ headers }: Exchange): void {
  for (const [header, member, shortest, longest] of MEMBERS) {
    const value = headers[header];
    // An empty header is no value: that is how some clients leave one out.
    if (typeof value !== 'string' || value === '') continue;
    if (value.length < shortest) throw invalidMember(member, `must be at least ${shortest} characters, got ${value.length}`);
    if (value.length > longest) throw invalidMember(member, `must be at most ${longest} characters, got ${value.length}`);
  }
}

export function payloadTooLong(limitBytes: number): PlatformException {
  return invalidMember('payload', `must be at most ${limitBytes} bytes`);
}

/**
 * Refuses an MCP request whose client cannot read the answers of MCP.
 *
 * @throws PlatformException McpRequestUnacceptableException
 */
export function checkAccept({ method, headers }: Exchange, missing: PlatformSettings['missingAccept']): void {
  if (method !== 'POST' || (!headers.accept && missing === 'allow') || acceptsMcp(headers.accept ?? '')) return;
  throw new PlatformException('McpRequestUnacceptableException', 'MCP protocol requires Accept header: application/json, text/event-stream');
}
