import type { CheckConversation, CheckEra } from './check-definition';
import type { CheckFinding, ServerContract } from './check-report';
import type { CheckDialogue } from './dialogue';
import { mismatch, type Mismatch, type ToolOutcome } from './result-match';

/** How long a call may take that says nothing else, in milliseconds. */
export const DEFAULT_CONVERSATION_TIMEOUT_MS = 60_000;

/** A server in one era, as a check needs it, whoever brings its messages. */
export interface CheckedServer {
  readonly era: CheckEra;
  /** Lists everything, every page. */
  offer(): Promise<ServerContract>;
  /** Calls a tool. What it asks and reports meanwhile goes to the dialogue. */
  callTool(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolOutcome>;
  /** What it means that something failed. */
  judge(error: unknown): Judgement;
}

/** What it means that something failed: the fault of the server, or of what stands before it. */
export interface Judgement {
  readonly verdict: 'fail' | 'inconclusive';
  readonly got: string;
}

/** Holds one conversation. */
export async function holdConversation(
  server: CheckedServer,
  dialogue: CheckDialogue,
  conversation: CheckConversation,
  signal?: AbortSignal,
): Promise<CheckFinding> {
  const { tool, name = tool, arguments: args = {}, timeoutMs = DEFAULT_CONVERSATION_TIMEOUT_MS } = conversation;
  const startedAt = Date.now();
  const finding = (found: Pick<CheckFinding, 'verdict' | 'expected' | 'got'>): CheckFinding => ({
    check: `conversation ${name}`,
    era: server.era,
    durationMs: Date.now() - startedAt,
    ...found,
  });
  const failed = (found: Mismatch): CheckFinding => finding({ verdict: 'fail', ...found });

  dialogue.begin(conversation);
  try {
    const result = await within(timeoutMs, ended => server.callTool(tool, { ...args }, ended), signal);
    if (result === 'too late') {
      return failed(
        dialogue.firstFault ?? {
          expected: `a result of \`${tool}\` within ${timeoutMs} ms`,
          got: `none, after ${dialogue.said}`,
        },
      );
    }
    const fault = dialogue.firstFault ?? mismatch(result, conversation.result) ?? dialogue.fault(conversation);
    return fault === undefined ? finding({ verdict: 'pass' }) : failed(fault);
  } catch (error) {
    const { firstFault } = dialogue;
    return firstFault === undefined
      ? finding({ expected: `a result of \`${tool}\``, ...server.judge(error) })
      : failed(firstFault);
  }
}

/** Some work that has to be done in time; it is told when it is not, and not waited for. */
export async function within<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T | 'too late'> {
  const over = new AbortController();
  const end = (): void => over.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'too late'>(resolve => {
    timer = setTimeout(() => resolve('too late'), timeoutMs);
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    clearTimeout(timer);
    over.abort();
    signal?.removeEventListener('abort', end);
  }
}
