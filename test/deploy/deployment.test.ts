import { ListAgentRuntimesCommand, ListAgentRuntimeVersionsCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { Aws } from 'aws-cdk-lib';
import { connect } from 'stateful-mcp-client';
import answers from '../../samples/expense-tracker/answers.json';
import { ExpenseTrackerApp, outputValue, STACK } from './expense-tracker-app';
import { deniedCalls, unneededActions, type PermissionRecord } from './permission-record';
import { PLATFORM_ACTIONS } from './platform-actions';
import { Rehearsal } from './rehearsal';

// One story: each test goes on where the one before has ended.
let rehearsal: Rehearsal;
let app: ExpenseTrackerApp;
let assembly: string;
let arn: string;
let granted: PermissionRecord;

beforeAll(async () => {
  app = new ExpenseTrackerApp();
  rehearsal = await Rehearsal.start();
});
afterAll(async () => {
  await rehearsal?.close();
  app.remove();
});

/** Adds an expense and has them all reported. */
async function addExpense(): Promise<{ readonly asked: readonly string[]; readonly report: string }> {
  const asked: string[] = [];
  await using client = await connect({
    target: arn,
    endpointUrl: rehearsal.dataPlane,
    auth: 'none',
    handlers: {
      elicitation: ({ message, requestedSchema }) => {
        asked.push(message);
        const names = Object.keys((requestedSchema as { properties: object }).properties);
        const values: Record<string, string | number | boolean> = answers;
        return { action: 'accept', content: Object.fromEntries(names.map(name => [name, values[name] as string])) };
      },
    },
  });
  await client.callTool('add_expense_interactive', { userAlias: 'ada' });
  const { content } = await client.callTool('generate_report', { userAlias: 'ada' });
  return { asked, report: JSON.stringify(content) };
}

test('creates a server, which stores expenses with the permissions of its role', async () => {
  assembly = app.synthesize();
  const { output } = await rehearsal.deploy(assembly);
  arn = outputValue(output, 'RuntimeArn');
  const { asked, report } = await addExpense();
  expect(asked).toHaveLength(4);
  expect(report).toContain('Team lunch');
});

test('a changed line is a new version', async () => {
  await rehearsal.deploy(
    app.synthesize({ file: 'add-expense.ts', from: 'How much did you spend?', to: 'How much was it?' }),
  );
  const { asked } = await addExpense();
  expect(asked[0]).toContain('How much was it?');
  expect(await versions()).toEqual(['2', '1']);
});

test('what the control plane refuses fails the deployment with its reason, and nothing has changed', async () => {
  const { exitCode, output } = await rehearsal.deployAttempt(
    app.synthesize(undefined, { environment: { LARGE: `${Aws.REGION}${'x'.repeat(4500)}` } }),
  );
  expect(exitCode).toBe(1);
  expect(output).toContain('environmentVariables: the total size must be at most 4096 bytes');
  expect(output).toContain('UPDATE_ROLLBACK_COMPLET');
  expect(await versions()).toEqual(['2', '1']);
  expect((await addExpense()).asked[0]).toContain('How much was it?');
});

test('deletes all that it has made', async () => {
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

async function versions(): Promise<readonly (string | undefined)[]> {
  const { agentRuntimes } = await rehearsal.controlPlane.send(
    new ListAgentRuntimeVersionsCommand({ agentRuntimeId: arn.split('/')[1] }),
  );
  return (agentRuntimes ?? []).map(({ agentRuntimeVersion }) => agentRuntimeVersion);
}
