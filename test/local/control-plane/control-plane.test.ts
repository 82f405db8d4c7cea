import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  ListAgentRuntimesCommand,
  UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { newFolder, PYTHON_SERVER } from '../assembly';
import { controlClient, dataClient } from '../aws-clients';
import { newRuntime, nextStop, sessionServer } from '../running';
import { createInput, invoke, roleArn, settled, startPlanes } from './planes';

test('a runtime is created, gets ready, and is invoked', async () => {
  const { control, data } = await startPlanes();
  const created = await control.send(new CreateAgentRuntimeCommand(createInput()));
  expect(created).toMatchObject({
    $metadata: { httpStatusCode: 202 },
    status: 'CREATING',
    agentRuntimeVersion: '1',
    createdAt: expect.any(Date) as Date,
  });
  expect(created.agentRuntimeId).toMatch(/^expenses-[a-zA-Z0-9]{10}$/);
  expect(created.agentRuntimeArn).toBe(
    `arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${created.agentRuntimeId}`,
  );
  expect(await settled(control, created.agentRuntimeId)).toMatchObject({
    status: 'READY',
    agentRuntimeName: 'expenses',
    roleArn,
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
    platformVersion: 'V1',
    environmentVariables: { RELEASE: 'one' },
    protocolConfiguration: { serverProtocol: 'MCP' },
  });
  expect((await invoke(data, created.agentRuntimeArn, 'initialize')).release).toBe('one');
});

test('an artifact in Python is run by the Python of this machine', async () => {
  const { control, data } = await startPlanes();
  const folder = newFolder();
  writeFileSync(path.join(folder, 'main.py'), PYTHON_SERVER);
  const python = {
    codeConfiguration: {
      code: { s3: { bucket: 'local', prefix: folder } },
      runtime: 'PYTHON_3_13' as const,
      entryPoint: ['main.py'],
    },
  };
  const { agentRuntimeId, agentRuntimeArn } = await control.send(
    new CreateAgentRuntimeCommand(createInput({ agentRuntimeArtifact: python })),
  );
  await settled(control, agentRuntimeId);
  const answer = await data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from('{}') }));
  expect(JSON.parse((await answer.response?.transformToString()) ?? '')).toMatchObject({
    result: { environment: { PYTHONDONTWRITEBYTECODE: '1', RELEASE: 'one' } },
  });
});

test('an operation that is not simulated says so', async () => {
  const runtime = newRuntime({ artifacts: {} });
  for (const [method, url] of [
    ['GET', '/tags/arn'],
    ['PUT', '/resourcepolicy/arn'],
    ['POST', '/capacity-providers'],
  ] as const) {
    const response = await runtime.fetch(new Request(`http://localhost${url}`, { method }));
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('ValidationException');
    expect(await response.json()).toMatchObject({
      message: expect.stringMatching(/^not simulated by the local runtime: /) as string,
    });
  }
});

test('a runtime that is deleted takes its sessions with it', async () => {
  const { control, data, runtime } = await startPlanes();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(createInput()));
  await expect(control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }))).rejects.toMatchObject({
    name: 'ConflictException',
  });
  await settled(control, agentRuntimeId);
  await invoke(data, agentRuntimeArn, 'initialize');
  const stopped = nextStop(runtime);
  expect(await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
    status: 'DELETING',
    agentRuntimeId,
  });
  expect((await stopped).reason).toBe('runtime-deleted');
  await expect(control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(runtime.runtimes).toEqual([]);
});

test('lists have pages', async () => {
  const { control } = await startPlanes();
  for (const agentRuntimeName of ['one', 'two', 'three']) {
    await control.send(new CreateAgentRuntimeCommand(createInput({ agentRuntimeName })));
  }
  const first = await control.send(new ListAgentRuntimesCommand({ maxResults: 2 }));
  const second = await control.send(new ListAgentRuntimesCommand({ maxResults: 2, nextToken: first.nextToken }));
  expect(
    [first, second].map(({ agentRuntimes }) => agentRuntimes?.map(({ agentRuntimeName }) => agentRuntimeName)),
  ).toEqual([['one', 'two'], ['three']]);
  expect(second.nextToken).toBeUndefined();
  await expect(control.send(new ListAgentRuntimesCommand({ maxResults: 101 }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(control.send(new ListAgentRuntimesCommand({ nextToken: 'made-up' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a request that comes twice with one client token is done once', async () => {
  const { control } = await startPlanes();
  const request = createInput({ clientToken: 'a-client-token-of-more-than-33-characters' });
  const [first, again] = [
    await control.send(new CreateAgentRuntimeCommand(request)),
    await control.send(new CreateAgentRuntimeCommand(request)),
  ];
  expect(again.agentRuntimeId).toBe(first.agentRuntimeId);
  await expect(
    control.send(new CreateAgentRuntimeCommand({ ...request, agentRuntimeName: 'other' })),
  ).rejects.toMatchObject({ name: 'ValidationException', reason: 'IdempotentParameterMismatchException' });
  await expect(control.send(new CreateAgentRuntimeCommand(createInput()))).rejects.toMatchObject({
    name: 'ConflictException',
  });
});

test('runtimes of definitions are there too, and can be updated', async () => {
  const runtime = newRuntime({ runtimes: [sessionServer()] });
  const { url } = await runtime.listen();
  const control = controlClient(url);
  const { agentRuntimes = [] } = await control.send(new ListAgentRuntimesCommand({}));
  expect(agentRuntimes).toMatchObject([{ agentRuntimeName: 'sessions', status: 'READY', agentRuntimeVersion: '1' }]);
  const [{ agentRuntimeId, agentRuntimeArn } = {}] = agentRuntimes;
  await control.send(
    new UpdateAgentRuntimeCommand({ agentRuntimeId, ...createInput(), agentRuntimeName: undefined } as never),
  );
  await settled(control, agentRuntimeId);
  expect((await invoke(dataClient(url), agentRuntimeArn, 'initialize')).release).toBe('one');
});
