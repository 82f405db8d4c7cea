import type { CreateMessageResult, ElicitResult } from '@modelcontextprotocol/client';
import {
  checkContract,
  checkConversations,
  CheckDialogue,
  findingText,
  listedContract,
  problemWithCheck,
  reportText,
  type CheckDefinition,
  type CheckEra,
  type CheckedServer,
  type CheckFinding,
} from 'stateful-mcp-contract';
import { ServerKitError, type FetchHandlerOptions, type McpServerFactory } from 'stateful-mcp-server';
import { connectInMemory } from './in-memory';

/** Options of `runCheck()`. */
export interface RunCheckOptions {
  /**
   * How the server is served.
   * @default - as by `serve()` without options, with a log of errors only
   */
  readonly serve?: FetchHandlerOptions;
}

const LIST_TIMEOUT_MS = 30_000;

/** A client waits for a conversation no shorter than the check does, which has a timer of its own. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * Runs the check of a release in a unit test: what has to be there, and all conversations, in each era that the check
 * declares. What needs a server that runs (sessions in processes of their own, latency, parallel first calls) is left to
 * `stateful-mcp check`.
 *
 * ```ts
 * const check = JSON.parse(readFileSync('check.json', 'utf8')) as CheckDefinition;
 *
 * test('does what a release has to do', () => runCheck(createServer, check));
 * ```
 * @param factory - the one that `serve()` gets
 * @param definition - a `CheckDefinition`, as it was read from JSON
 * @returns what was looked at
 * @throws ServerKitError `ERR_CHECK_FAILED` with everything that failed, `ERR_INVALID_OPTION` when it is no check
 */
export async function runCheck(
  factory: McpServerFactory,
  definition: unknown,
  { serve }: RunCheckOptions = {},
): Promise<readonly CheckFinding[]> {
  const problem = problemWithCheck(definition);
  if (problem !== undefined) {
    throw new ServerKitError('ERR_INVALID_OPTION', problem);
  }
  const check = definition as CheckDefinition;
  const findings: CheckFinding[] = [];
  for (const era of check.eras ?? (['legacy'] as const)) {
    findings.push(...(await checkEra(factory, { era, check, serve })));
  }
  const failed = findings.filter(({ verdict }) => verdict !== 'pass');
  if (failed.length > 0) {
    throw new ServerKitError('ERR_CHECK_FAILED', failed.map(findingText).join('\n'));
  }
  return findings;
}

async function checkEra(
  factory: McpServerFactory,
  { era, check, serve }: { era: CheckEra; check: CheckDefinition; serve: FetchHandlerOptions | undefined },
): Promise<CheckFinding[]> {
  const dialogue = new CheckDialogue(era);
  const { mcp, end } = await connectInMemory(factory, {
    era,
    serve,
    elicit: question => dialogue.elicit(question) as ElicitResult,
    sample: () => dialogue.sample() as unknown as CreateMessageResult,
    onProgress: ({ progress }) => dialogue.progress(progress),
  });
  const server: CheckedServer = {
    era,
    offer: () => listedContract(mcp, LIST_TIMEOUT_MS),
    callTool: (name, args, signal) =>
      mcp.callTool({ name, arguments: args }, { onprogress: () => undefined, timeout: LONGEST_TIMEOUT_MS, signal }),
    judge: error => ({ verdict: 'fail', got: reportText(error instanceof Error ? error.message : String(error)) }),
  };
  try {
    const { findings } = await checkContract(server, check);
    return [...findings, ...(await checkConversations(server, dialogue, check))];
  } finally {
    await end();
  }
}
