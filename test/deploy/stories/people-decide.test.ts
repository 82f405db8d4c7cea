import { execFile } from 'node:child_process';
import path from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { GetAgentRuntimeEndpointCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { DeleteTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { connect, sigV4, type StatefulMcpClient } from 'stateful-mcp-client';
import { RELEASE_RECORD_PREFIX } from 'stateful-mcp-contract';
import { McpCheck, McpRelease, type StatefulMcpServer } from '../../../lib';
import { ROOT_ENVIRONMENT } from '../cloud/cloud';
import { ExpenseTrackerApp, outputValue, STACK } from '../app/expense-tracker-app';
import { deniedCalls, unneededActions } from '../permissions/permission-record';
import { PLATFORM_ACTIONS_OF_READERS } from '../permissions/platform-actions';
import { Rehearsal } from '../cloud/rehearsal';

// People move the endpoint that users call, a schedule checks it, and a role may call it and no other.

const COMMAND = path.join(__dirname, '..', '..', '..', 'command', 'dist', 'stateful-mcp.mjs');
const POLL_MS = 200;

const release = McpRelease.verified({
  candidate: true,
  watch: Duration.hours(1),
  check: McpCheck.of({
    sessions: false,
    conversations: [{ tool: 'generate_report', arguments: { userAlias: 'release-check' } }],
  }),
});

let rehearsal: Rehearsal;
let app: ExpenseTrackerApp;
let arn: string;
let callerRole: string;
/** Calls that have to be denied. */
const expected: string[] = [];

beforeAll(async () => {
  app = new ExpenseTrackerApp();
  rehearsal = await Rehearsal.start();
});
afterAll(async () => {
  await rehearsal?.close();
  app.remove();
});

test('the first version reaches both endpoints, and a second one the candidate alone', async () => {
  const { output } = await rehearsal.deploy(synthesized('0.1.0'));
  arn = outputValue(output, 'RuntimeArn');
  callerRole = outputValue(output, 'CallerRole');
  expect(await versions()).toEqual({ live: '1', candidate: '1' });
  await rehearsal.deploy(synthesized('0.2.0'));
  expect(await versions()).toEqual({ live: '1', candidate: '2' });
});

test('a role that may invoke calls live, and neither DEFAULT nor the candidate', async () => {
  const name = callerName();
  expect(await metByCaller()).toBe('0.1.0');
  for (const qualifier of ['DEFAULT', 'candidate']) {
    await expect(connected(qualifier)).rejects.toThrow('answered with HTTP status 403');
    expected.push(`${name}: bedrock-agentcore:InvokeAgentRuntime ${arn}/runtime-endpoint/${qualifier}`);
  }
  const { roles } = await rehearsal.permissions();
  expect(roles[name]).toEqual([expect.objectContaining({ actions: ['bedrock-agentcore:InvokeAgentRuntime'] })]);
});

test('the command of people moves live, and a deployment leaves it there', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, 'promote', '2', '--arn', arn, '--json'], {
    env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: rehearsal.aws.endpoint, ...ROOT_ENVIRONMENT },
  });
  expect(JSON.parse(stdout)).toMatchObject({ endpoint: 'live', version: '2' });
  await rehearsal.deploy(synthesized('0.3.0'));
  expect(await versions()).toEqual({ live: '2', candidate: '3' });
});

test('a runtime that is renamed leaves no record of its former name', async () => {
  const ssm = new SSMClient(rehearsal.aws);
  const records = async (): Promise<readonly (string | undefined)[]> => {
    const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path: RELEASE_RECORD_PREFIX }));
    return Parameters.map(({ Name }) => Name);
  };
  const former = arn.replace(/^.*\/|-[^-]*$/g, '');
  expect(await records()).toEqual([`${RELEASE_RECORD_PREFIX}${former}`]);
  const renamed = synthesized('0.3.0', 'renamed');
  const { output } = await rehearsal.deploy(renamed);
  arn = outputValue(output, 'RuntimeArn');
  expect(await versions()).toEqual({ live: '1', candidate: '1' });
  expect(await records()).toEqual([`${RELEASE_RECORD_PREFIX}renamed`]);
  expect(await metByCaller()).toBe('0.3.0');
  ssm.destroy();
});

test('the schedule checks live, and its alarm tells when live stops working', async () => {
  expect(await rehearsal.dueSchedules()).toBe(1);
  expect(await watched(1)).toEqual({ CheckPassed: [1], CheckFailed: [0], state: 'OK' });
  const dynamo = new DynamoDBClient(rehearsal.aws);
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  await dynamo.send(new DeleteTableCommand({ TableName: TableNames[0] }));
  dynamo.destroy();
  await rehearsal.dueSchedules();
  expect(await watched(2)).toEqual({ CheckPassed: [1, 0], CheckFailed: [0, 1], state: 'ALARM' });
});

test('no other call was denied, and nothing is granted that no call needed', async () => {
  const record = await rehearsal.permissions();
  expect([...deniedCalls(record)].sort()).toEqual([...expected].sort());
  expect(unneededActions(record, record, STACK)).toEqual(Object.keys(PLATFORM_ACTIONS_OF_READERS).sort());
});

function synthesized(version: string, runtimeName?: string): string {
  const line = { file: 'expense-tracker.ts', from: "version: '0.1.0'", to: `version: '${version}'` };
  return app.synthesize(line, () => ({ release, ...(runtimeName && { runtimeName }) }), addCaller);
}

function addCaller(server: StatefulMcpServer): void {
  const stack = Stack.of(server);
  const caller = new Role(stack, 'Caller', { assumedBy: new AccountRootPrincipal() });
  server.grants.invoke(caller);
  new CfnOutput(stack, 'CallerRole', { value: caller.roleArn });
}

function callerName(): string {
  return callerRole.replace(/^.*\//, '');
}

/** Which version serves the role that may invoke. */
async function metByCaller(): Promise<string | undefined> {
  const live = await connected('live');
  const { serverInfo } = live;
  expect(await live.callTool('generate_report', { userAlias: 'ada' })).not.toMatchObject({ isError: true });
  await live.close();
  // The client ends its session, which is a grant of its own.
  expected.push(`${callerName()}: bedrock-agentcore:StopRuntimeSession ${arn}`);
  return serverInfo?.version;
}

async function connected(qualifier: string): Promise<StatefulMcpClient> {
  const auth = sigV4({ credentials: await rehearsal.credentialsOf(callerRole) });
  return connect({ target: arn, qualifier, endpointUrl: rehearsal.aws.endpoint, auth });
}

/** Which version the endpoints serve. */
async function versions(): Promise<Readonly<Record<string, string | undefined>>> {
  const { controlPlane } = rehearsal;
  const agentRuntimeId = arn.split('/')[1];
  const versionOf = async (endpointName: string): Promise<string | undefined> =>
    (await controlPlane.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }))).liveVersion;
  return { live: await versionOf('live'), candidate: await versionOf('candidate') };
}

/** What the alarm goes by, after so many checks. */
async function watched(checks: number): Promise<object> {
  for (;;) {
    const { alarms, values } = await rehearsal.metrics();
    const alarm = alarms.find(({ namespace }) => namespace === 'StatefulMcp/Release');
    const ofAlarm = (metric: string): number[] =>
      values
        .filter(({ name, ...point }) => name === metric && isDeepStrictEqual(point.dimensions, alarm?.dimensions))
        .map(({ value }) => value);
    const found = { CheckPassed: ofAlarm('CheckPassed'), CheckFailed: ofAlarm('CheckFailed'), state: alarm?.state };
    if (found.CheckFailed.length >= checks) {
      return found;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}
