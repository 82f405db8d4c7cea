import { GetAgentRuntimeEndpointCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { Aws, Duration } from 'aws-cdk-lib';
import { McpCheck, McpRelease } from '../../../lib';
import { EXPENSE_CONVERSATIONS } from '../app/expense-check';
import { ExpenseTrackerApp, outputValue, STACK, type ChangedLine } from '../app/expense-tracker-app';
import { deniedCalls, unneededActions, type PermissionRecord } from '../permissions/permission-record';
import { PLATFORM_ACTIONS } from '../permissions/platform-actions';
import { Rehearsal } from '../cloud/rehearsal';
import { SteadyCaller } from '../app/steady-caller';

// One story: each test goes on where the one before has ended, and users call all the time.
let rehearsal: Rehearsal;
let app: ExpenseTrackerApp;
let first: string;
let second: string;
let arn: string;
let users: SteadyCaller;
let granted: PermissionRecord;

const release = McpRelease.verified({
  check: McpCheck.of({
    conversations: EXPENSE_CONVERSATIONS,
    latency: { firstCall: Duration.seconds(7) },
  }),
});

beforeAll(async () => {
  app = new ExpenseTrackerApp();
  rehearsal = await Rehearsal.start();
});
afterAll(async () => {
  await users?.stop();
  await rehearsal?.close();
  app.remove();
});

test('the first version reaches users once it was checked', async () => {
  first = app.synthesize(undefined, () => ({ release }));
  const { output } = await rehearsal.deploy(first);
  arn = outputValue(output, 'RuntimeArn');
  expect(await liveVersion()).toBe('1');
  users = await SteadyCaller.start(arn, 'live', rehearsal.dataPlane);
});

test('a changed line reaches them, too', async () => {
  second = app.synthesize({ file: 'expense-tracker.ts', from: "version: '0.1.0'", to: "version: '0.2.0'" }, () => ({
    release,
  }));
  await rehearsal.deploy(second);
  expect(await liveVersion()).toBe('2');
  expect(users.failed).toEqual([]);
});

test.each<readonly [string, ChangedLine, RegExp]>([
  [
    'crashes at its start',
    { file: 'server.ts', from: 'if (TABLE_NAME) {', to: "if (TABLE_NAME) {\n  throw new Error('no currency is set');" },
    /ERR_CHECK_FAILED: version 3 failed 1 of 1 checks: [^]*no currency is set/,
  ],
  [
    'never listens',
    {
      file: 'server.ts',
      from: 'void serve(() => expenseTracker(store, fallback));',
      to: 'setInterval(() => {}, 1000);',
    },
    /ERR_CHECK_FAILED: version 5 failed 1 of 1 checks: [^]*did not start a session/,
  ],
  [
    'lacks a tool',
    { file: 'expense-tracker.ts', from: '  registerAddExpense(server, store);\n', to: '' },
    /ERR_CHECK_FAILED: version 7 failed [^]*add_expense_interactive/,
  ],
  [
    'sends no progress',
    { file: 'generate-report.ts', from: "      await io.progress(STEPS, STEPS, 'wrote the report');\n", to: '' },
    /ERR_CHECK_FAILED: version 9 failed [^]*progress/,
  ],
])('a version that %s fails the deployment with its reason, and users notice nothing', async (_name, line, reason) => {
  const { exitCode, output } = await rehearsal.deployAttempt(app.synthesize(line, () => ({ release })));
  expect(output).toMatch(reason);
  expect(output).toMatch(/UPDATE_ROLLBACK_COMPLET/);
  expect(exitCode).toBe(1);
  expect(await liveVersion()).toBe('2');
  expect(users.failed).toEqual([]);
});

test('what the control plane refuses fails the deployment with its reason', async () => {
  const environment = { LARGE: `${Aws.REGION}${'x'.repeat(4500)}` };
  const { exitCode, output } = await rehearsal.deployAttempt(
    app.synthesize(undefined, () => ({ release, environment })),
  );
  expect(output).toContain('environmentVariables: the total size must be at most 4096 bytes');
  expect(exitCode).toBe(1);
  expect(await liveVersion()).toBe('2');
});

test('users get the version before when it is deployed again, and the next one when that is', async () => {
  await rehearsal.deploy(first);
  expect(await liveVersion()).toBe('11');
  await rehearsal.deploy(second);
  expect(await liveVersion()).toBe('12');
});

test('nothing is left of it, and no call of users has failed', async () => {
  await users.stop();
  expect(users.failed).toEqual([]);
  expect(users.met).toEqual(['0.1.0', '0.2.0', '0.1.0', '0.2.0']);
  granted = await rehearsal.permissions();
  await rehearsal.destroy(second);
  const { agentRuntimes } = await rehearsal.controlPlane.send(new ListAgentRuntimesCommand({}));
  expect(agentRuntimes).toEqual([]);
  expect(rehearsal.runtime.sessions().filter(({ state }) => state !== 'stopped')).toEqual([]);
});

test('no call was denied, and nothing is granted that no call needed', async () => {
  const record = await rehearsal.permissions();
  expect(deniedCalls(record)).toEqual([]);
  expect(unneededActions(granted, record, STACK)).toEqual(Object.keys(PLATFORM_ACTIONS).sort());
});

async function liveVersion(): Promise<string | undefined> {
  const { liveVersion } = await rehearsal.controlPlane.send(
    new GetAgentRuntimeEndpointCommand({ agentRuntimeId: arn.split('/')[1], endpointName: 'live' }),
  );
  return liveVersion;
}
