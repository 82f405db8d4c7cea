import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  ListAgentRuntimeVersionsCommand,
  UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
  type CreateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { newFolder } from '../assembly';
import { artifact, endpointReady, createInput, invoke, roleArn, settled, startPlanes } from './planes';

test('an update makes a version; new sessions get it, live ones keep theirs', async () => {
  const { control, data } = await startPlanes();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  await settled(control, agentRuntimeId);
  const { mcpSessionId } = await invoke(data, agentRuntimeArn, 'initialize');
  const live = await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'live' }));
  expect(live).toMatchObject({
    status: 'CREATING',
    targetVersion: '1',
    agentRuntimeEndpointArn: `${agentRuntimeArn}/runtime-endpoint/live`,
  });
  await endpointReady(control, agentRuntimeId, 'live');
  const { agentRuntimeArtifact } = createInput();
  const updated = await control.send(
    new UpdateAgentRuntimeCommand({
      agentRuntimeId,
      agentRuntimeArtifact,
      roleArn,
      protocolConfiguration: { serverProtocol: 'MCP' },
      environmentVariables: { RELEASE: 'two' },
    }),
  );
  expect(updated).toMatchObject({ status: 'UPDATING', agentRuntimeVersion: '2' });
  await settled(control, agentRuntimeId);
  expect((await invoke(data, agentRuntimeArn, 'tools/list', { mcpSessionId })).release).toBe('one');
  expect((await invoke(data, agentRuntimeArn, 'initialize')).release).toBe('two');
  expect((await invoke(data, agentRuntimeArn, 'initialize', { qualifier: 'live' })).release).toBe('one');
  await control.send(
    new UpdateAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'live', agentRuntimeVersion: '2' }),
  );
  expect(await endpointReady(control, agentRuntimeId, 'live')).toMatchObject({ liveVersion: '2', targetVersion: '2' });
  expect((await invoke(data, agentRuntimeArn, 'initialize', { qualifier: 'live' })).release).toBe('two');
  const versions = await control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }));
  expect(versions.agentRuntimes?.map(({ agentRuntimeVersion }) => agentRuntimeVersion)).toEqual(['2', '1']);
  expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }))).toMatchObject({
    environmentVariables: { RELEASE: 'one' },
  });
});

test('variables of the local runtime win over those of a request, which it tells unchanged', async () => {
  const { control, data } = await startPlanes({ environment: { RELEASE: 'here' } });
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  await settled(control, agentRuntimeId);
  expect((await invoke(data, agentRuntimeArn, 'initialize')).release).toBe('here');
  expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
    environmentVariables: { RELEASE: 'one' },
  });
});

test('an artifact that is not here fails the version and leaves the endpoint where it was', async () => {
  const { control, data } = await startPlanes();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  await settled(control, agentRuntimeId);
  const gone: CreateAgentRuntimeCommandInput['agentRuntimeArtifact'] = {
    codeConfiguration: {
      code: { s3: { bucket: 'local', prefix: '/does/not/exist' } },
      runtime: 'NODE_22',
      entryPoint: ['index.js'],
    },
  };
  await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: gone, roleArn }));
  expect(await settled(control, agentRuntimeId)).toMatchObject({
    status: 'UPDATE_FAILED',
    failureReason: 'the directory /does/not/exist does not exist',
  });
  expect((await invoke(data, agentRuntimeArn, 'initialize')).release).toBe('one');
  const failed = await control.send(
    new CreateAgentRuntimeCommand(createInput({ agentRuntimeName: 'other', agentRuntimeArtifact: gone })),
  );
  expect(await settled(control, failed.agentRuntimeId)).toMatchObject({ status: 'CREATE_FAILED' });
});

test('a number of a version is not used again, and the status is that of the newest version that is left', async () => {
  const { control } = await startPlanes();
  const { agentRuntimeId, workloadIdentityDetails } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  expect(workloadIdentityDetails?.workloadIdentityArn).toMatch(
    /:workload-identity-directory\/default\/workload-identity\/expenses-/,
  );
  await settled(control, agentRuntimeId);
  const folder = newFolder();
  const addon = Buffer.alloc(64);
  addon.writeUInt32BE(0x7f454c46);
  addon.writeUInt16LE(62, 18);
  writeFileSync(path.join(folder, 'addon.node'), addon);
  await control.send(
    new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact(folder), roleArn }),
  );
  expect(await settled(control, agentRuntimeId)).toMatchObject({
    status: 'UPDATE_FAILED',
    failureReason: 'the binary addon.node is for linux/x64; AgentCore runs code on linux/arm64',
  });
  await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '2' }));
  expect(await settled(control, agentRuntimeId)).toMatchObject({ status: 'READY', agentRuntimeVersion: '1' });
  expect(
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact(), roleArn })),
  ).toMatchObject({ agentRuntimeVersion: '3' });
});

test('READY says nothing of whether the server starts, except with V2', async () => {
  const { control } = await startPlanes();
  const broken = artifact(newFolder(), 'process.exit(1)');
  const v1 = await control.send(new CreateAgentRuntimeCommand(createInput({ agentRuntimeArtifact: broken })));
  expect((await settled(control, v1.agentRuntimeId)).status).toBe('READY');
  const v2 = await control.send(
    new CreateAgentRuntimeCommand(
      createInput({ agentRuntimeName: 'other', agentRuntimeArtifact: broken, platformVersion: 'V2' }),
    ),
  );
  expect(await settled(control, v2.agentRuntimeId)).toMatchObject({
    status: 'CREATE_FAILED',
    failureReason: expect.stringContaining('Runtime health check failed') as string,
  });
});
