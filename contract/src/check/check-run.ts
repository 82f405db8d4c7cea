import type { CheckDefinition } from './check-definition';
import type { CheckFinding, ServerContract } from './check-report';
import { changeText, contractChanges } from './contract-changes';
import { holdConversation, within, type CheckedServer } from './conversations';
import type { CheckDialogue } from './dialogue';
import { missingOffers } from './offer';
import { reportText } from './report-text';

/** How long listing everything may take, in milliseconds. */
const LIST_TIMEOUT_MS = 60_000;

/** What came of looking at what a server offers. */
export interface CheckedContract {
  readonly findings: readonly CheckFinding[];
  /** `undefined` when it could not be listed. */
  readonly contract?: ServerContract;
  /** Words that changed, and what was added, against the live version. */
  readonly changes: readonly string[];
}

/** Lists everything, looks for what has to be there, and compares it with what the live version offers. */
export async function checkContract(
  server: CheckedServer,
  definition: CheckDefinition,
  { live, signal }: { readonly live?: ServerContract; readonly signal?: AbortSignal } = {},
): Promise<CheckedContract> {
  const { era } = server;
  const expected = `tools, prompts and resources, listed within ${LIST_TIMEOUT_MS} ms`;
  const startedAt = Date.now();
  const failed = (finding: Pick<CheckFinding, 'verdict' | 'got'>): CheckedContract => ({
    findings: [{ check: 'list', era, expected, durationMs: Date.now() - startedAt, ...finding }],
    changes: [],
  });
  try {
    const contract = await within(LIST_TIMEOUT_MS, () => server.offer(), signal);
    if (contract === 'too late') {
      return failed({ verdict: 'fail', got: 'no answer in that time' });
    }
    const listed: CheckFinding = { check: 'list', era, verdict: 'pass', durationMs: Date.now() - startedAt };
    const compared = live && comparison(server, contract, { live, definition });
    return {
      contract,
      findings: [listed, ...missingOffers(server, contract, definition), ...(compared?.findings ?? [])],
      changes: compared?.changes ?? [],
    };
  } catch (error) {
    return failed(server.judge(error));
  }
}

/** Holds all conversations, one after the other. One that fails does not end those after it. */
export async function checkConversations(
  server: CheckedServer,
  dialogue: CheckDialogue,
  { conversations = [] }: CheckDefinition,
  signal?: AbortSignal,
): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for (const conversation of conversations) {
    if (signal?.aborted === true) {
      break;
    }
    findings.push(await holdConversation(server, dialogue, conversation, signal));
  }
  return findings;
}

function comparison(
  { era }: CheckedServer,
  contract: ServerContract,
  { live, definition }: { readonly live: ServerContract; readonly definition: CheckDefinition },
): { findings: CheckFinding[]; changes: string[] } {
  const { breaking, allowed, reported } = contractChanges(live, contract, definition.allowedChanges);
  const check = 'contract';
  return {
    findings:
      breaking.length === 0
        ? [{ check, era, verdict: 'pass' }]
        : breaking.map(change => ({
            check,
            era,
            verdict: 'fail',
            expected: `nothing that breaks clients of the live version, unless \`allowedChanges\` has \`${change.subject}\``,
            got: reportText(changeText(change)),
          })),
    changes: [...allowed, ...reported].map(change => reportText(changeText(change))),
  };
}
