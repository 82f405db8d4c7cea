import { LONGEST_WARMUP_MS } from 'stateful-mcp-contract';
import { ServerKitError } from '../common/errors';
import type { Log } from '../common/log';
import type { HttpHandler, Warmup } from '../http/http-face';
import { OwnConversation } from './own-conversation';
import { selfTestSession, type SelfTest } from './self-test';

/** The platform gives up by then, and knows no reason: the kit gives up before it, and says one. */
const TIME_LIMIT_MS = LONGEST_WARMUP_MS - 10_000;

/** What lists of a server are asked for, by the capability that it declares. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  tools: ['tools/list'],
  prompts: ['prompts/list'],
  resources: ['resources/list', 'resources/templates/list'],
};

export interface WarmupParts {
  /** Makes a handler as the one that serves, with a state of its own: nothing of the conversation stays. */
  readonly open: () => HttpHandler;
  readonly path: string;
  /** Whether the server speaks the modern era. */
  readonly isModern: boolean;
  readonly selfTest: SelfTest | undefined;
  /** The error that the author's factory has thrown since it was last asked; clients are told none of it. */
  readonly takeFactoryError?: () => unknown;
  readonly log: Log;
}

/**
 * Answers the warm-up hook of AgentCore Runtime (`hooksConfiguration.build.warmup`): the server holds a whole
 * conversation with itself, over its own HTTP face and in both eras, and then the author's `selfTest`. 200 when all went
 * well, else 500 with the reason in words.
 */
export function warmupOf(parts: WarmupParts): Warmup {
  let current: Promise<Response> | undefined;
  return request => {
    current ??= answer(parts, request.signal).finally(() => (current = undefined));
    return current.then(response => response.clone());
  };
}

async function answer(parts: WarmupParts, hungUp: AbortSignal): Promise<Response> {
  const { log } = parts;
  const steps = new Steps();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TIME_LIMIT_MS);
  const signal = AbortSignal.any([limit.signal, hungUp]);
  const handler = parts.open();
  try {
    await Promise.race([holdConversation(parts, handler, steps, signal), rejected(signal)]);
    log({ level: 'info', event: 'warmed-up' });
    return Response.json({ status: 'WarmedUp' });
  } catch (error) {
    const reason = limit.signal.aborted
      ? `it did not end within ${TIME_LIMIT_MS / 1000} s`
      : wordsOf(parts.takeFactoryError?.() ?? error);
    const message = `the warm-up failed in its step "${steps.current}": ${reason}`;
    log({ level: 'error', event: 'warm-up-failed', message });
    return new Response(`${message}\n`, { status: 500, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  } finally {
    clearTimeout(timer);
    await handler.close();
  }
}

async function holdConversation(
  { path, isModern, selfTest }: WarmupParts,
  handler: HttpHandler,
  steps: Steps,
  signal: AbortSignal,
): Promise<void> {
  const conversation = new OwnConversation(handler, path, signal);
  const capabilities = await steps.take('initialize', () => conversation.initialize());
  const lists = Object.entries(LISTS).flatMap(([capability, methods]) =>
    capabilities[capability] === undefined ? [] : methods,
  );
  for (const method of lists) {
    await steps.take(method, () => conversation.request(method));
  }
  if (isModern) {
    for (const method of ['server/discover', ...lists]) {
      await steps.take(`${method} of the modern era`, () => conversation.modernRequest(method));
    }
  }
  if (selfTest !== undefined) {
    await steps.take('selfTest', async () => selfTest(selfTestSession(conversation)));
  }
}

/** Which step a conversation is in. */
class Steps {
  public current = 'start';

  public take<Result>(step: string, act: () => Promise<Result>): Promise<Result> {
    this.current = step;
    return act();
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the platform hung up')), { once: true });
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws ServerKitError `ERR_INVALID_OPTION` */
export function checkedSelfTest(selfTest: unknown): SelfTest | undefined {
  if (selfTest === undefined || typeof selfTest === 'function') {
    return selfTest as SelfTest | undefined;
  }
  throw new ServerKitError('ERR_INVALID_OPTION', `\`selfTest\` must be a function, got ${JSON.stringify(selfTest)}`);
}
