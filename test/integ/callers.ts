// The release check of the sample by every kind of caller.
import { checkServer, type CheckDefinition, type CheckReport } from 'stateful-mcp-client';
import type { Place } from './places';

const ALIAS = 'integ';

/** What the sample has to do, in both eras. */
const DEFINITION: CheckDefinition = {
  eras: ['legacy', 'modern'],
  tools: ['add_expense_interactive', 'analyze_spending', 'generate_report'],
  conversations: [
    {
      tool: 'add_expense_interactive',
      arguments: { userAlias: ALIAS },
      elicitation: [
        { accept: { amount: 42.5 } },
        { accept: { description: 'Team lunch' } },
        { accept: { category: 'food' } },
        { accept: { confirm: true } },
      ],
      result: { text: 'Recorded $42.50' },
    },
    { tool: 'add_expense_interactive', arguments: { userAlias: ALIAS }, elicitation: ['decline'] },
    { tool: 'generate_report', arguments: { userAlias: ALIAS }, progress: { atLeast: 3 } },
  ],
  parallelFirstCalls: 5,
};

export interface CheckedCaller {
  readonly caller: string;
  /** `undefined` where this place has no such caller. */
  readonly report: CheckReport | undefined;
  /** Whether this is what has to come out. */
  readonly expected: boolean;
}

export async function checkCallers(place: Place): Promise<CheckedCaller[]> {
  const signed = await place.server('signed');
  const tokens = await place.server('tokens');
  const callers: CheckedCaller[] = [];
  if (signed) {
    const report = await checkServer({ target: signed.url, auth: signed.auth, definition: DEFINITION });
    callers.push({ caller: 'signs with SigV4', report, expected: report.verdict === 'pass' });
    const refused = await checkServer({ target: signed.url, auth: place.stranger, definition: { tools: [] } });
    callers.push({
      caller: 'signs with a key that nobody knows',
      report: refused,
      expected: refused.verdict !== 'pass',
    });
  }
  const report =
    tokens &&
    (await checkServer({ target: tokens.url, auth: tokens.auth, definition: DEFINITION, requiresToken: true }));
  callers.push({
    caller: 'has a token for machines; others without one, or with a wrong one, are refused',
    report,
    expected: report === undefined || report.verdict === 'pass',
  });
  return callers;
}
