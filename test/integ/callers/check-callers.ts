// The release check by every kind of caller, in both protocol eras, by zip file and image, on V1 and V2.
import {
  bearer,
  checkServer,
  clientCredentials,
  sigV4,
  type Auth,
  type CheckDefinition,
  type CheckReport,
} from 'stateful-mcp-client';
import type { ServerKind } from '../app/names';
import { NotHere, type Bed } from '../bed/bed';
import { tokenOf } from '../experiments/callers';

export interface CheckedCaller {
  readonly caller: string;
  readonly server: ServerKind;
  /** `undefined` where it was left out. */
  readonly report?: CheckReport;
  readonly leftOut?: string;
  /** Whether this is what has to come out. */
  readonly expected: boolean;
}

const ALIAS = 'integ';

/** What the sample has to do, in both eras. */
const SAMPLE: CheckDefinition = {
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
const PROBE: CheckDefinition = {
  eras: ['legacy', 'modern'],
  tools: ['describe_process', 'wait'],
  conversations: [{ tool: 'wait', arguments: { seconds: 3 }, progress: { atLeast: 3 } }],
  parallelFirstCalls: 3,
};
const NOTHING: CheckDefinition = { tools: [] };
const UNKNOWN_KEY = { accessKeyId: 'AKIASTRANGER00000000', secretAccessKey: 'of nobody' };

interface Caller {
  readonly caller: string;
  readonly server: ServerKind;
  readonly definition: CheckDefinition;
  /** Refused callers are callers, too. */
  readonly verdict: 'pass' | 'refused';
  readonly requiresToken?: boolean;
  readonly auth: (bed: Bed) => Auth | Promise<Auth>;
}

const CALLERS: readonly Caller[] = [
  {
    caller: 'signs with SigV4; zip file on V1',
    server: 'sample',
    definition: SAMPLE,
    verdict: 'pass',
    auth: ({ signer }) => signer,
  },
  {
    caller: 'signs with SigV4; image on V1',
    server: 'sampleImage',
    definition: SAMPLE,
    verdict: 'pass',
    auth: ({ signer }) => signer,
  },
  {
    caller: 'signs with SigV4; zip file on V2',
    server: 'snapshot',
    definition: PROBE,
    verdict: 'pass',
    auth: ({ signer }) => signer,
  },
  {
    caller: 'signs with a key that nobody knows',
    server: 'sample',
    definition: NOTHING,
    verdict: 'refused',
    auth: ({ aws }) => sigV4({ region: aws.region, credentials: UNKNOWN_KEY }),
  },
  {
    caller: 'is a machine (client credentials); others, without a token or with a wrong one, are refused',
    server: 'sampleTokens',
    definition: SAMPLE,
    verdict: 'pass',
    requiresToken: true,
    auth: async bed => {
      const { machine } = await bed.tokenClients();
      return clientCredentials({ clientId: machine.id, clientSecret: machine.secret });
    },
  },
  {
    caller: 'brings a token that it has got elsewhere (bearer)',
    server: 'sampleTokens',
    definition: NOTHING,
    verdict: 'pass',
    auth: async bed => bearer(await tokenOf({ bed }, 'machine')),
  },
  {
    caller: 'brings a token of a client that is not allowed',
    server: 'sampleTokens',
    definition: NOTHING,
    verdict: 'refused',
    auth: async bed => bearer(await tokenOf({ bed }, 'stranger')),
  },
  {
    caller: 'is a person who has signed in',
    server: 'sampleTokens',
    definition: NOTHING,
    verdict: 'pass',
    auth: bed => bed.person(bed.address('sampleTokens')),
  },
];

/** Sessions that all checks open at most: two eras, first calls at once, and a session beside. */
export const MOST_SESSIONS = CALLERS.length * 12;

export async function checkCallers(
  bed: Bed,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<CheckedCaller[]> {
  const checked: CheckedCaller[] = [];
  for (const caller of CALLERS) {
    say(`  a caller that ${caller.caller}`);
    checked.push(await checkCaller(caller, bed, signal));
  }
  return checked;
}

async function checkCaller(
  { caller, server, definition, verdict, requiresToken, auth }: Caller,
  bed: Bed,
  signal: AbortSignal,
): Promise<CheckedCaller> {
  try {
    signal.throwIfAborted();
    const { arn, endpointUrl } = bed.address(server);
    const report = await checkServer({
      target: arn,
      ...(endpointUrl !== undefined && { endpointUrl }),
      auth: await auth(bed),
      definition,
      ...(requiresToken && { requiresToken }),
      signal,
    });
    return { caller, server, report, expected: (report.verdict === 'pass') === (verdict === 'pass') };
  } catch (error) {
    // What is not here is no failure; what went wrong is.
    return { caller, server, leftOut: String(error), expected: error instanceof NotHere };
  }
}
