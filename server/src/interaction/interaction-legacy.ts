import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type ClientCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Conversation } from './conversation';
import { ServerKitError } from '../common/errors';
import { kernelUuid } from '../common/kernel-random';
import { ProgressReporter } from './progress';
import type { Question } from './question-capability';

/**
 * A conversation of the legacy era: questions are requests to the client over its session, and the handler waits for
 * the answers.
 *
 * Each question is tied to the call it belongs to and travels on the call's own stream. Untied ones would go to the
 * stream that a client may open with GET, and be lost when it did not.
 */
export function legacyConversation(
  ctx: ServerContext,
  capabilities: ClientCapabilities,
  answerTimeoutMs: number,
  protocolVersion?: string,
): Conversation {
  const progress = new ProgressReporter();
  return {
    era: 'legacy',
    protocolVersion,
    capabilities,
    signal: ctx.mcpReq.signal,
    ask: question => push(ctx, question, answerTimeoutMs),
    once: effect => effect(),
    progress: (...step) => progress.report(ctx, ...step),
    log: (level, data) => ctx.mcpReq.log(level, data),
  };
}

/**
 * A call of the legacy era on a server that keeps no sessions. The client's answer could not find its way back to the
 * handler, and what the client declared was in another request. Progress and logs travel on the call's own stream.
 */
export function statelessConversation(ctx: ServerContext): Conversation {
  return {
    ...legacyConversation(ctx, {}, 0),
    refusal: new ServerKitError(
      'ERR_STATELESS',
      'this server keeps no sessions (`stateless: true`), so it cannot ask a client of protocol 2025-11-25 or before anything: ' +
        'use a client that speaks protocol 2026-07-28, or serve without `stateless`',
    ),
  };
}

async function push(ctx: ServerContext, question: Question, answerTimeoutMs: number): Promise<unknown> {
  const { signal } = ctx.mcpReq;
  try {
    return await ctx.mcpReq.send(
      { method: question.method, params: withElicitationId(question) },
      { timeout: answerTimeoutMs, signal },
    );
  } catch (cause) {
    throw signal.aborted ? cause : explain(cause, question, answerTimeoutMs);
  }
}

/** The legacy form of the question to visit a page carries an id; the modern one has none. */
function withElicitationId({ method, params }: Question): Record<string, unknown> {
  return method === 'elicitation/create' && params.mode === 'url'
    ? { ...params, elicitationId: kernelUuid() }
    : { ...params };
}

function explain(cause: unknown, question: Question, answerTimeoutMs: number): unknown {
  if (SdkError.isInstance(cause) && cause.code === SdkErrorCode.RequestTimeout) {
    return new ServerKitError(
      'ERR_ANSWER_TIMEOUT',
      `the client did not answer ${question.method} within ${answerTimeoutMs / 1000} s`,
      { cause },
    );
  }
  const isAnswer =
    ProtocolError.isInstance(cause) || (SdkError.isInstance(cause) && cause.code === SdkErrorCode.InvalidResult);
  if (!isAnswer) {
    return cause;
  }
  return new ServerKitError(
    'ERR_CLIENT_REFUSED',
    `the client did not answer ${question.method} but failed: ${withoutDump(cause.message)}`,
    { cause },
  );
}

/** What is wrong with a result on one line: validators append their issues as JSON, over many. */
function withoutDump(message: string): string {
  const start = message.indexOf('[');
  try {
    const issues = JSON.parse(message.slice(start)) as { readonly path: readonly string[]; readonly message: string }[];
    const words = issues.map(issue => `\`${issue.path.join('.')}\`: ${issue.message}`).join('; ');
    // An empty list is the client's own.
    return words === '' ? message : message.slice(0, start) + words;
  } catch {
    return message;
  }
}
