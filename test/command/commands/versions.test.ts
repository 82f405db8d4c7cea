import {
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  GetAgentRuntimeEndpointCommand,
  UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { closeServers, listen } from '../../client/servers';
import { controlClient, CREDENTIALS } from '../../local/aws-clients';
import { createInput, settled } from '../../local/control-plane/planes';
import { newRuntime } from '../../local/running';
import { removeTemporaryFolders } from '../assembly';
import { endCommands, run, type Finished } from '../run-command';

afterEach(endCommands);
afterEach(closeServers);
afterAll(removeTemporaryFolders);

interface Released {
  readonly arn: string;
  readonly liveVersion: () => Promise<string | undefined>;
  readonly operate: (...args: string[]) => Promise<Finished>;
}

/** A runtime with three versions, whose endpoint `live` serves the third, and what its release has recorded. */
async function released(record?: object): Promise<Released> {
  const runtime = newRuntime({ artifacts: {} });
  const { url: origin } = await runtime.listen();
  const control = controlClient(origin);
  const created = await control.send(new CreateAgentRuntimeCommand(createInput()));
  const { agentRuntimeId = '', agentRuntimeArn: arn = '' } = created;
  await settled(control, agentRuntimeId);
  for (const release of ['two', 'three']) {
    const input = { ...createInput({ environmentVariables: { RELEASE: release } }), agentRuntimeName: undefined };
    await control.send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId }));
    await settled(control, agentRuntimeId);
  }
  const live = { agentRuntimeId, endpointName: 'live' };
  await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'live', agentRuntimeVersion: '3' }));
  const liveVersion = async (): Promise<string | undefined> => {
    const endpoint = await control.send(new GetAgentRuntimeEndpointCommand(live));
    return endpoint.status === 'READY' ? endpoint.liveVersion : liveVersion();
  };
  await liveVersion();
  const parameters = await listen((_request, response) => {
    response.writeHead(record ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify(record ? { Parameter: { Value: JSON.stringify(record) } } : { __type: 'ParameterNotFound' }),
    );
  });
  const env = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: origin,
    AWS_ENDPOINT_URL_SSM: new URL(parameters).origin,
  };
  return { arn, liveVersion, operate: (...args) => run([...args, '--arn', arn], { env }) };
}

const entry = (version: string): object => ({
  version,
  verdict: 'pass',
  checkedAt: `2026-11-2${version}T10:00:00.000Z`,
});
const RECORD = { ...entry('3'), earlier: [entry('1')] };

test('versions, what serves them and what was checked are listed', async () => {
  const { arn, operate } = await released(RECORD);
  const { code, stdout } = await operate('versions');
  expect(code).toBe(0);
  expect(stdout).toContain(`${arn}\n  version  status  updated`);
  expect(stdout).toMatch(/^ {2}3 +READY +20\S+ \S+ +DEFAULT, live +pass, 2026-11-23T10:00:00.000Z$/m);
  expect(stdout).toMatch(/^ {2}2 +READY .* - +-$/m);
  const { versions } = JSON.parse((await operate('versions', '--json')).stdout) as { versions: unknown[] };
  expect(versions).toMatchObject([
    { version: '3', endpoints: ['DEFAULT', 'live'], checked: { verdict: 'pass' } },
    { version: '2', status: 'READY', endpoints: [] },
    { version: '1', checked: { checkedAt: '2026-11-21T10:00:00.000Z' } },
  ]);
});

test('`rollback` takes the checked version before, and `promote` any; both say what the template would set', async () => {
  const { liveVersion, operate } = await released(RECORD);
  const back = await operate('rollback');
  expect(back).toMatchObject({ code: 0, stderr: '' });
  expect(back.stdout).toMatch(
    /^live serves version 1, before it was 3\. Sessions that are open keep their version\.\nthis differs from the template/,
  );
  expect(await liveVersion()).toBe('1');

  const forth = await operate('promote', '2', '--json');
  expect(JSON.parse(forth.stdout)).toMatchObject({
    endpoint: 'live',
    version: '2',
    before: '1',
    notes: [expect.stringContaining('no record says that version 2 was checked'), expect.stringContaining('differs')],
  });
  expect((await operate('promote', '3')).stdout).toBe(
    'live serves version 3, before it was 2. Sessions that are open keep their version.\n',
  );
  expect(await liveVersion()).toBe('3');
});

test('without a record, the version to go back to has to be named', async () => {
  const { liveVersion, operate } = await released();
  const unnamed = await operate('rollback');
  expect(unnamed).toMatchObject({ code: 2, stdout: '' });
  expect(unnamed.stderr).toContain('no version before 3 is recorded as checked: name the version to go back to');
  expect((await operate('rollback', '2')).code).toBe(0);
  expect(await liveVersion()).toBe('2');
});

test('what cannot be moved is refused, with what there is', async () => {
  const { operate } = await released();
  expect((await operate('promote', '7')).stderr).toContain('version 7 does not exist. READY: 3, 2, 1');
  expect((await operate('promote', '2', '--endpoint', 'beta')).stderr).toContain(
    'there is no endpoint `beta`. There is: live',
  );
  expect((await operate('promote', '2', '--endpoint', 'DEFAULT')).stderr).toContain('always serves the newest version');
});

test.each([
  [['versions'], '`versions` needs `--arn ARN`'],
  [['promote', '--arn', 'arn:x'], '`promote` needs a version'],
  [['promote', 'two', '--arn', 'arn:x'], '`VERSION` is `two`: pass the number of a version'],
  [['versions', '2', '--arn', 'arn:x'], '`versions` takes no version, got `2`'],
  [['rollback', '2', '--url', 'http://127.0.0.1:1/mcp'], 'is no runtime of AgentCore'],
])('%j is refused', async (args, text) => {
  const { code, stderr } = await run(args);
  expect(code).toBe(2);
  expect(stderr).toContain(text);
});
