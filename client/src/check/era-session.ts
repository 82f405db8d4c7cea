import type { ElicitResult, CreateMessageResult } from '@modelcontextprotocol/client';
import { CheckDialogue, within, type CheckEra, type CheckFinding, type CheckedServer } from 'stateful-mcp-contract';
import { toClientError } from '../conversation/error-translation';
import { proposing, recording, type CheckedClient, type CheckedWay } from './checked-way';
import { judge } from './judge';
import { listedContract } from './list-contract';
import type { Transcript } from './transcript';

/** How long a page of a list, or the answer to a ping, may take, in milliseconds. */
export const SHORT_TIMEOUT_MS = 30_000;

const WARM_CALLS = 3;

/** A connection in one era, with all that a check needs of it. */
export class EraSession implements CheckedServer {
  public readonly dialogue: CheckDialogue;
  /** How long the first request took, in milliseconds. */
  public readonly firstCallMs: number;
  private readonly restarted: () => boolean;

  private constructor(
    public readonly era: CheckEra,
    public readonly client: CheckedClient,
    private readonly way: CheckedWay,
    parts: { readonly dialogue: CheckDialogue; readonly firstCallMs: number; readonly restarted: () => boolean },
  ) {
    this.dialogue = parts.dialogue;
    this.firstCallMs = parts.firstCallMs;
    this.restarted = parts.restarted;
  }

  /**
   * Connects, as every check does: it can be asked anything, and answers what its script has.
   *
   * @param sessionId - to propose to the server
   * @throws StatefulMcpClientError
   */
  public static async open(
    way: CheckedWay,
    transcript: Transcript,
    { era, sessionId }: { readonly era: CheckEra; readonly sessionId?: string },
  ): Promise<EraSession> {
    const dialogue = new CheckDialogue(era, line => transcript.add(line));
    let restarts = 0;
    let startedAt = Date.now();
    let firstCallMs: number | undefined;
    const record = recording(transcript, method => {
      if (method === 'initialize') {
        startedAt = Date.now();
      } else if (method === 'notifications/initialized') {
        // It follows the response.
        firstCallMs ??= Date.now() - startedAt;
      }
    });
    const propose = proposing(sessionId, way.endpoint);
    const client = await way.connect({
      era,
      handlers: {
        elicitation: request => dialogue.elicit(request) as ElicitResult,
        urlElicitation: request => dialogue.elicit(request) as ElicitResult,
        sampling: () => dialogue.sample() as unknown as CreateMessageResult,
      },
      around: fetch => record(propose(fetch)),
      onSessionRestarted: () => {
        restarts += 1;
        transcript.add('the server did not know the session any more, and a new one took its place');
      },
    });
    return new EraSession(era, client, way, {
      dialogue,
      firstCallMs: firstCallMs ?? Date.now() - startedAt,
      restarted: () => restarts > 0,
    });
  }

  /** Whether the server lost the session. */
  public get wasLost(): boolean {
    return this.restarted();
  }

  public async offer(): ReturnType<CheckedServer['offer']> {
    try {
      return await listedContract(this.client.mcp, SHORT_TIMEOUT_MS);
    } catch (error) {
      throw toClientError(error, this.way.endpoint);
    }
  }

  public callTool(
    name: string,
    args: Record<string, unknown>,
    signal: AbortSignal,
  ): ReturnType<CheckedServer['callTool']> {
    return this.client.callTool(name, args, {
      onProgress: ({ progress }) => this.dialogue.progress(progress),
      signal,
    });
  }

  public judge(error: unknown): ReturnType<CheckedServer['judge']> {
    return judge(error, this.way.endpoint);
  }

  /** The fastest of a few calls, in milliseconds; `undefined` when one failed. */
  public async warmCallMs(): Promise<number | undefined> {
    const { mcp } = this.client;
    const options = { cacheMode: 'refresh', timeout: SHORT_TIMEOUT_MS } as const;
    let fastest: number | undefined;
    try {
      for (let call = 0; call < WARM_CALLS; call += 1) {
        const startedAt = performance.now();
        await (mcp.getServerCapabilities()?.tools ? mcp.listTools(undefined, options) : this.client.ping());
        fastest = Math.min(fastest ?? Infinity, performance.now() - startedAt);
      }
      return fastest === undefined ? undefined : Math.round(fastest);
    } catch {
      return undefined;
    }
  }
}

/** A finding about a bound on time. */
export function latencyFinding(
  check: string,
  era: CheckEra,
  { budgetMs, tookMs }: { readonly budgetMs: number | undefined; readonly tookMs: number | undefined },
): CheckFinding[] {
  if (budgetMs === undefined) {
    return [];
  }
  return tookMs !== undefined && tookMs <= budgetMs
    ? [{ check, era, verdict: 'pass', durationMs: tookMs }]
    : [
        {
          check,
          era,
          verdict: 'fail',
          expected: `at most ${budgetMs} ms`,
          got: tookMs === undefined ? 'no answer' : `${tookMs} ms`,
        },
      ];
}

/** Some work of a check that must not take forever. */
export async function bounded<T>(work: Promise<T>, timeoutMs = SHORT_TIMEOUT_MS): Promise<T> {
  const result = await within(timeoutMs, () => work);
  if (result === 'too late') {
    throw new Error(`no answer within ${timeoutMs} ms`);
  }
  return result;
}
