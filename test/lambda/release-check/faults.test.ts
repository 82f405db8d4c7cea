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

const HASTY: CheckDefinition = {
  ...CHECK,
  conversations: CHECK.conversations?.map(conversation => ({ ...conversation, timeoutMs: 1_000 })),
};

const FAULTS: Readonly<Record<string, Fault>> = {
  exits: { reason: /x/, settings: { connectTimeoutMs: 5_000 } },
  'never-listens': { reason: /x/, settings: { connectTimeoutMs: 5_000 } },
  'not-mcp': { reason: /x/ },
  'wrong-version': { reason: /x/ },
  'lacks-tool': { reason: /x/ },
  'adds-argument': { reason: /x/ },
  hangs: { reason: /x/, check: HASTY },
  'asks-more': { reason: /x/ },
  'no-progress': { reason: /x/ },
  'two-processes': { reason: /x/ },
};

const deployment = new Deployment();
let newest = 1;
beforeAll(async () => {
  // A server gets half a minute to listen: here two seconds.
  await deployment.start({
    clock: { now: systemClock.now, setTimeout: (call, delayMs) => systemClock.setTimeout(call, delayMs / 15) },
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
  console.info(FAULT, told.Status, told.Reason);
  expect(told.Status).toBe('FAILED');
});
