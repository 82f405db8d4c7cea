import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetAgentRuntimeEndpointCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { connect, sigV4 } from 'stateful-mcp-client';
import { McpCheck, McpRelease } from '../../../lib';
import { EXPENSE_CONVERSATIONS } from '../app/expense-check';
import { ExpenseTrackerApp, outputValue, STACK, type ChangedLine } from '../app/expense-tracker-app';
import { SteadyCaller } from '../app/steady-caller';
import { checkerLog } from '../cloud/checker-log';
import { ROOT_CREDENTIALS } from '../cloud/cloud';
import { Rehearsal } from '../cloud/rehearsal';
import { deniedCalls, unneededActions } from '../permissions/permission-record';
import { PLATFORM_ACTIONS } from '../permissions/platform-actions';

// A version passes its check, is promoted, and fails the same check through the endpoint that users call.

const release = McpRelease.verified({ check: McpCheck.of({ conversations: EXPENSE_CONVERSATIONS }) });
/**
 * A check adds an expense in each era. The first version is checked twice, so there are six once the second one was
 * checked, and more when it is checked again.
 */
const FAILS_AFTER_PROMOTION: ChangedLine = {
  file: 'generate-report.ts',
  from: '      const expenses = await store.list(userAlias);\n',
  to: `      const expenses = await store.list(userAlias);
      if (expenses.length > 6) {
        throw new Error('no report has room for so many expenses');
      }\n`,
};

let rehearsal: Rehearsal;
let app: ExpenseTrackerApp;
let arn: string;
let last: string;
let users: SteadyCaller;

beforeAll(async () => {
  app = new ExpenseTrackerApp();
  rehearsal = await Rehearsal.start();
});
afterAll(async () => {
  await users?.stop();
  await rehearsal?.close();
  app.remove();
});

test('a version that fails on live is taken back, with its reason', async () => {
  const { output: ofFirst } = await rehearsal.deploy(synthesized());
  arn = outputValue(ofFirst, 'RuntimeArn');
  users = await SteadyCaller.start(arn, 'live', rehearsal.dataPlane);
  const { exitCode, output } = await rehearsal.deployAttempt(synthesized(FAILS_AFTER_PROMOTION));
  expect(output).toMatch(
    /ERR_CHECK_FAILED: version 2 at the endpoint live failed 2 of \d+ checks: [^]*no report has room for so many expenses/,
  );
  expect(await stackStatus()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(exitCode).toBe(1);
  expect(await live()).toEqual({ endpointVersion: '1', reports: true });
});

test('nothing is checked on the way back, and no call of users has failed', async () => {
  const log = await checkerLog(rehearsal.aws);
  expect(log).toContain('version 1 is made as version 1, which passed this check through live');
  expect(users.failed).toEqual([]);
});

test('the next version is deployed as if nothing had been', async () => {
  last = synthesized({ file: 'expense-tracker.ts', from: "version: '0.1.0'", to: "version: '0.2.0'" });
  await rehearsal.deploy(last);
  expect(await live()).toEqual({ endpointVersion: '4', reports: true });
  await users.stop();
  expect(users.failed).toEqual([]);
});

test('no call was denied, and nothing is granted that no call needed', async () => {
  const granted = await rehearsal.permissions();
  await rehearsal.destroy(last);
  const record = await rehearsal.permissions();
  expect(deniedCalls(record)).toEqual([]);
  expect(unneededActions(granted, record, STACK)).toEqual(Object.keys(PLATFORM_ACTIONS).sort());
});

function synthesized(line?: ChangedLine): string {
  return app.synthesize(line, () => ({ release }));
}

async function stackStatus(): Promise<string | undefined> {
  const client = new CloudFormationClient(rehearsal.aws);
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
  client.destroy();
  return Stacks[0]?.StackStatus;
}

/** What users find: the version that the endpoint serves, and whether it reports on the many expenses of the checks. */
async function live(): Promise<object> {
  const { liveVersion } = await rehearsal.controlPlane.send(
    new GetAgentRuntimeEndpointCommand({ agentRuntimeId: arn.split('/')[1], endpointName: 'live' }),
  );
  const auth = sigV4({ credentials: ROOT_CREDENTIALS });
  const client = await connect({ target: arn, qualifier: 'live', endpointUrl: rehearsal.dataPlane, auth });
  const { isError = false } = await client.callTool('generate_report', { userAlias: 'release-check' });
  await client.endSession();
  return { endpointVersion: liveVersion, reports: !isError };
}
