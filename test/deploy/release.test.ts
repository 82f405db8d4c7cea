import { GetAgentRuntimeEndpointCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { McpCheck, McpCheckAnswer, McpRelease } from '../../lib';
import { ExpenseTrackerApp, outputValue, STACK, type ChangedLine } from './expense-tracker-app';
import { deniedCalls, unneededActions, type PermissionRecord } from './permission-record';
import { PLATFORM_ACTIONS } from './platform-actions';
import { Rehearsal } from './rehearsal';
import { SteadyCaller } from './steady-caller';

// One story: each test goes on where the one before has ended, and users call all the time.
let rehearsal: Rehearsal;
let app: ExpenseTrackerApp;
let assembly: string;
let arn: string;
let users: SteadyCaller;
let granted: PermissionRecord;

const release = McpRelease.verified({
  check: McpCheck.of({
    tools: ['add_expense_interactive', 'generate_report'],
    conversations: [
      {
        tool: 'add_expense_interactive',
        arguments: { userAlias: 'release-check' },
        elicitation: [
          McpCheckAnswer.accept({ amount: 1 }),
          McpCheckAnswer.accept({ description: 'A check' }),
          McpCheckAnswer.accept({ category: 'other' }),
          McpCheckAnswer.decline(),
        ],
      },
      { tool: 'generate_report', arguments: { userAlias: 'release-check' }, progress: { atLeast: 6 } },
    ],
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
  assembly = app.synthesize(undefined, { release });
  const { output } = await rehearsal.deploy(assembly);
  arn = outputValue(output, 'RuntimeArn');
  expect(await liveVersion()).toBe('1');
  users = await SteadyCaller.start(arn, 'live', rehearsal.dataPlane);
});

const NEXT: ChangedLine = { file: 'expense-tracker.ts', from: "version: '0.1.0'", to: "version: '0.2.0'" };

test('a changed line reaches them, too', async () => {
  await rehearsal.deploy(app.synthesize(NEXT, { release }));
  expect(await liveVersion()).toBe('2');
  expect(users.failed).toEqual([]);
});

test.each<readonly [string, ChangedLine, RegExp]>([
  [
    'crashes at its start',
    { file: 'server.ts', from: 'if (TABLE_NAME) {', to: "if (TABLE_NAME) {\n  throw new Error('no currency is set');" },
    /no currency is set/,
  ],
  [
    'never listens',
    { file: 'server.ts', from: 'void serve(() => expenseTracker(store, fallback));', to: 'setInterval(() => expenseTracker(store, fallback), 60_000);' },
    /did not|not listen|in time/,
  ],
  [
    'lacks a tool',
    { file: 'expense-tracker.ts', from: '  registerAddExpense(server, store);\n', to: '' },
    /add_expense_interactive/,
  ],
  [
    'sends no progress',
    {
      file: 'generate-report.ts',
      from: "      await io.progress(STEPS, STEPS, 'wrote the report');\n",
      to: '',
    },
    /progress/,
  ],
])('a version that %s fails the deployment with its reason, and users notice nothing', async (_name, line, reason) => {
  const { exitCode, output } = await rehearsal.deployAttempt(app.synthesize(line, { release }));
  expect(exitCode).toBe(1);
  expect(output).toMatch(/ERR_CHECK_FAILED/);
  expect(output).toMatch(reason);
  expect(output).toContain('UPDATE_ROLLBACK_COMPLET');
  // The same code as the version before: nobody's session is on another one.
  expect(await liveVersion()).toBe('2');
  expect(users.failed).toEqual([]);
});

test('deletes all that it has made', async () => {
  await users.stop();
  expect(users.met).toEqual(['0.1.0', '0.2.0']);
  expect(users.failed).toEqual([]);
  granted = await rehearsal.permissions();
  await rehearsal.destroy(assembly);
  const { agentRuntimes } = await rehearsal.controlPlane.send(new ListAgentRuntimesCommand({}));
  expect(agentRuntimes).toEqual([]);
  expect(rehearsal.runtime.sessions().filter(({ state }) => state !== 'stopped')).toEqual([]);
});

test('no call was denied, and nothing is granted that no call needed', async () => {
  const record = await rehearsal.permissions();
  expect(deniedCalls(record)).toEqual([]);
  expect(unneededActions(granted, record, STACK)).toEqual(Object.keys(PLATFORM_ACTIONS));
});

async function liveVersion(): Promise<string | undefined> {
  const { liveVersion } = await rehearsal.controlPlane.send(
    new GetAgentRuntimeEndpointCommand({ agentRuntimeId: arn.split('/')[1], endpointName: 'live' }),
  );
  return liveVersion;
}
