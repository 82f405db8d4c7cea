import { randomBytes } from 'node:crypto';
import {
  BAGGAGE_META_KEY,
  TRACEPARENT_META_KEY,
  TRACESTATE_META_KEY,
  type JSONRPCMessage,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import { isRequest } from '../common/message-kind';

/** W3C Trace Context, and Baggage, of the work that a request is part of. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

/**
 * Which trace requests belong to:
 *
 * - `'active'`: that of the active context of `@opentelemetry/api`, where that is installed
 * - `'generate'`: a trace of this client's own, with a new parent for each request
 * - a context, or a function that gives one for each request: continued as it is
 * - `'none'`: none
 */
export type TraceOption = 'active' | 'generate' | 'none' | TraceContext | (() => TraceContext | undefined);

const KEYS = {
  traceparent: TRACEPARENT_META_KEY,
  tracestate: TRACESTATE_META_KEY,
  baggage: BAGGAGE_META_KEY,
} as const;
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/**
 * Says what each request belongs to.
 *
 * @throws StatefulMcpClientError `ERR_INVALID_OPTION`
 */
export async function traceSource(option: TraceOption = 'active'): Promise<() => Partial<TraceContext> | undefined> {
  if (typeof option === 'function') {
    return option;
  }
  if (typeof option === 'object') {
    if (!TRACEPARENT.test(option.traceparent)) {
      throw new StatefulMcpClientError(
        'ERR_INVALID_OPTION',
        `\`traceparent\` of \`trace\` is "${option.traceparent}": pass one as in W3C Trace Context, 00-TRACE-PARENT-FLAGS`,
      );
    }
    return () => option;
  }
  if (option === 'generate') {
    const trace = randomBytes(16).toString('hex');
    return () => ({ traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01` });
  }
  return option === 'active' ? activeContext() : () => undefined;
}

async function activeContext(): Promise<() => Partial<TraceContext> | undefined> {
  try {
    const { context, propagation } = await import('@opentelemetry/api');
    return () => {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      return carrier;
    };
  } catch {
    // It is optional.
    return () => undefined;
  }
}

/**
 * A request with its trace context in `params._meta` (SEP-414), and the headers that say the same. What is in `_meta`
 * already stays.
 */
export function traced(
  message: JSONRPCMessage,
  trace: Partial<TraceContext> | undefined,
): { message: JSONRPCMessage; headers?: Record<string, string> } {
  const present = Object.entries(KEYS).flatMap(([name, key]) => {
    const value = trace?.[name as keyof TraceContext];
    return value === undefined || value === '' ? [] : [{ name, key, value }];
  });
  if (present.length === 0 || !isRequest(message)) {
    return { message };
  }
  const _meta = { ...Object.fromEntries(present.map(({ key, value }) => [key, value])), ...message.params?._meta };
  const headers = Object.fromEntries(present.map(({ name, key }) => [name, String(_meta[key])]));
  return { message: { ...message, params: { ...message.params, _meta } }, headers };
}
