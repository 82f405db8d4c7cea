import type { Exchange } from '../http/exchange';
import { invalidMember, PlatformException, payloadTooLong } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID, RUNTIME_USER_ID } from 'stateful-mcp-contract';

/** Service model, InvokeAgentRuntime: shortest and longest value of each header. */
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
 * Refuses a payload that says it is longer than the service model allows. For before the caller is known: a signature
 * of such a payload is never read.
 *
 * @throws PlatformException ValidationException
 */
export function checkPayload({ headers, body }: Exchange): void {
  if (Number(headers['content-length'] ?? 0) > body.limitBytes) {
    throw payloadTooLong(body.limitBytes);
  }
}

/** Members that are no lists: of two values, a server could take another one than the platform. */
const ONCE: ReadonlySet<string> = new Set([
  MCP_SESSION_ID,
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  RUNTIME_SESSION_ID,
  RUNTIME_USER_ID,
  'traceparent',
]);

/**
 * Refuses headers that the service model does not allow.
 *
 * @throws PlatformException ValidationException
 */
export function checkMembers({ headers, rawHeaders }: Exchange): void {
  for (const [header, member, shortest, longest] of MEMBERS) {
    const value = headers[header];
    // An empty header is no value: that is how some clients leave one out.
    if (typeof value !== 'string' || value === '') {
      continue;
    }
    if (ONCE.has(header) && isRepeated(rawHeaders, header)) {
      throw invalidMember(member, 'must be given once');
    }
    if (value.length < shortest) {
      throw invalidMember(member, `must be at least ${shortest} characters, got ${value.length}`);
    }
    if (value.length > longest) {
      throw invalidMember(member, `must be at most ${longest} characters, got ${value.length}`);
    }
  }
}

function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length > 1;
}

/**
 * Refuses an MCP request whose client cannot read the responses of MCP.
 *
 * @throws PlatformException McpRequestUnacceptableException
 */
export function checkAccept({ method, headers }: Exchange, missing: PlatformSettings['missingAccept']): void {
  if (method !== 'POST' || (!headers.accept && missing === 'allow') || acceptsMcp(headers.accept ?? '')) {
    return;
  }
  throw new PlatformException(
    'McpRequestUnacceptableException',
    'MCP protocol requires Accept header: application/json, text/event-stream',
  );
}

const NEEDED = ['application/json', 'text/event-stream'];

/** A client says the same with every request. */
let latest: { readonly accept: string; readonly accepts: boolean } | undefined;

/** Whether an `Accept` header takes both kinds of responses that a POST of MCP can get. */
export function acceptsMcp(accept: string): boolean {
  if (latest?.accept !== accept) {
    latest = { accept, accepts: takesBoth(accept) };
  }
  return latest.accepts;
}

function takesBoth(accept: string): boolean {
  const ranges = new Map<string, boolean>();
  for (const item of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = item.split(';');
    ranges.set(range.trim(), !parameters.some(isRefused));
  }
  // The most specific range decides (RFC 9110, section 12.5.1).
  return NEEDED.every(type => [type, `${type.split('/')[0]}/*`, '*/*'].map(range => ranges.get(range)).find(isKnown));
}

function isKnown(takes: boolean | undefined): boolean {
  return takes !== undefined;
}

function isRefused(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=');
  return name.trim() === 'q' && Number(value) === 0;
}
