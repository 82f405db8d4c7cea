import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  DeleteAgentRuntimeCommand,
  DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeEndpointCommand,
  ListAgentRuntimeEndpointsCommand,
  ListAgentRuntimeVersionsCommand,
  UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { endpointReady, createInput, roleArn, settled, startPlanes } from './planes';

test("the DEFAULT endpoint is the service's own", async () => {
  const { control } = await startPlanes();
  const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  await settled(control, agentRuntimeId);
  const { runtimeEndpoints } = await control.send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId }));
  expect(runtimeEndpoints).toMatchObject([{ name: 'DEFAULT', liveVersion: '1', status: 'READY' }]);
  await expect(
    control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'DEFAULT' })),
  ).rejects.toMatchObject({ name: 'ConflictException', message: 'An endpoint with the specified name already exists' });
  for (const command of [
    new UpdateAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }),
    new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }),
  ]) {
    await expect(control.send(command as DeleteAgentRuntimeEndpointCommand)).rejects.toMatchObject({
      name: 'ConflictException',
    });
  }
});

test('an endpoint comes and goes, and its version can be deleted when nothing points to it', async () => {
  const { control, data } = await startPlanes();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  await settled(control, agentRuntimeId);
  await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'live', agentRuntimeVersion: '1' }));
  await endpointReady(control, agentRuntimeId, 'live');
  await control.send(
    new UpdateAgentRuntimeCommand({
      agentRuntimeId,
      agentRuntimeArtifact: createInput().agentRuntimeArtifact,
      roleArn,
      protocolConfiguration: { serverProtocol: 'MCP' },
    }),
  );
  await settled(control, agentRuntimeId);
  await expect(
    control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' })),
  ).rejects.toMatchObject({
    name: 'ConflictException',
    message: 'Version 1 is used by the endpoint live',
  });
  await control.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'live' }));
  const gone = (): Promise<string> =>
    control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'live' })).then(
      () => 'there',
      (error: Error) => error.name,
    );
  while ((await gone()) === 'there') {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(await gone()).toBe('ResourceNotFoundException');
  const answer = await data.send(
    new InvokeAgentRuntimeCommand({
      agentRuntimeArn,
      qualifier: 'live',
      payload: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'),
    }),
  );
  expect(await answer.response?.transformToString()).toContain('-32004');
  await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }));
  expect((await control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }))).agentRuntimes).toHaveLength(1);
});
