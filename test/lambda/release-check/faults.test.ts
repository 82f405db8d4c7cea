import type { CheckDefinition } from 'stateful-mcp-contract';
import { systemClock } from 'stateful-mcp-local';
import type { ReleaseCheckSettings } from '../../../lambda/release-check/settings';
import { CHECK, Deployment } from './deployment';

// What a server can do wrong although AgentCore calls it READY. Users stay with the version before.

interface Fault {
  readonly reason: RegExp;
  readonly check?: CheckDefinition;
  readonly settings?: Partial<ReleaseCheckSettings>;
}

const BRIEF = { connectTimeoutMs: 4_000 };

const HASTY: CheckDefinition = {
  ...CHECK,
  conversations: CHECK.conversations?.map(conversation => ({ ...conversation, timeoutMs: 1_000 })),
};

const FAULTS: Readonly<Record<string, Fault>> = {
  exits: { reason: /initialize .*the server ended with exit code 3 before it listened/, settings: BRIEF },
  'never-listens': { reason: /initialize .*the server did not listen on .* within 30 s/, settings: BRIEF },
  'not-mcp': { reason: /initialize .*did not answer like an MCP server: Unexpected content type: text\/html/ },
  'wrong-version': { reason: /initialize .*no protocol version in common.*1999-01-01/ },
  'lacks-tool': { reason: /tools \(legacy\): expected tools with `list_expenses`; got `add_expense`/ },
  'adds-argument': { reason: /contract .*tool:add_expense requires the argument `currency`, which was not required/ },
  hangs: { reason: /add_expense .*expected a result of `add_expense` within 1000 ms; got none/, check: HASTY },
  'asks-more': { reason: /add_expense .*got question 2 of the conversation, about `currency`/ },
  'no-progress': { reason: /add_expense .*expected at least 2 progress notifications; got 0/ },
  'two-processes': { reason: /session-affinity .*session \S+ is gone/ },
};

const deployment = new Deployment();
let newest = 1;
beforeAll(async () => {
  // A server gets half a minute to listen: here two seconds.
  await deployment.start({
    clock: { now: Date.now, setTimeout: (call, delayMs) => systemClock.setTimeout(call, delayMs / 15) },
  });
  await deployment.publish();
  await deployment.promote('1');
});
afterAll(() => deployment.close());

test.each(Object.entries(FAULTS))('a server that %s fails the deployment, and live stays', async (FAULT, fault) => {
  await deployment.publish({ FAULT });
  newest += 1;
  const { check, settings } = fault;
  const told = await deployment.invoke(deployment.event(String(newest), { check }), { settings });
  expect(told.Status).toBe('FAILED');
  expect(told.Reason).toMatch(/^ERR_CHECK_FAILED: version \d+ failed \d+ of \d+ checks: /);
  expect(told.Reason).toMatch(fault.reason);
  expect(told.Reason).toContain('live still serves version 1. ');
  expect(deployment.record).toBeNull();
});
