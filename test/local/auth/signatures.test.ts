import { Readable } from 'node:stream';
import {
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
  type BedrockAgentCoreClient,
} from '@aws-sdk/client-bedrock-agentcore';
import { ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { controlClient, CREDENTIALS, dataClient } from '../aws-clients';
import { McpEndpoint, newRuntime, sessionServer, startRuntime } from '../running';
import { BODY, OTHER, reasons, send, start, type SigningChanges } from './signed-requests';

async function invoke(
  client: BedrockAgentCoreClient,
  agentRuntimeArn: string,
  more: { mcpSessionId?: string; runtimeUserId?: string; payload?: Buffer } = {},
) {
  const answer = await client.send(
    new InvokeAgentRuntimeCommand({
      agentRuntimeArn,
      contentType: 'application/json',
      payload: Buffer.from(BODY),
      ...more,
    }),
  );
  return { ...answer, text: (await answer.response?.transformToString()) ?? '' };
}

test('the AWS SDK signs so that it is known who calls', async () => {
  const { url, arn } = await start();
  expect((await invoke(dataClient(url), arn)).text).toContain('"pid"');
  expect((await controlClient(url).send(new ListAgentRuntimesCommand({}))).agentRuntimes).toHaveLength(1);
  await expect(
    dataClient(url).send(new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId: 'x'.repeat(33) })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('credentials that are not known here, or have another secret, are refused', async () => {
  const { url, arn } = await start();
  for (const credentials of [
    { accessKeyId: 'AKIDUNKNOWN', secretAccessKey: 'a' },
    { ...CREDENTIALS, secretAccessKey: 'wrong' },
  ]) {
    await expect(invoke(dataClient(url, credentials), arn)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(controlClient(url, credentials).send(new ListAgentRuntimesCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  }
});

test('a query is covered by the signature to its end, question marks in it too', async () => {
  const started = await start();
  expect((await send({ ...started, path: `${started.path}&note=is%20it?really` })).status).toBe(200);
});

test('temporary credentials need their session token', async () => {
  const temporary = { accessKeyId: 'ASIALOCAL', secretAccessKey: 'secret', sessionToken: 'token' };
  const { url, arn } = await start({ credentials: [temporary] });
  expect((await invoke(dataClient(url, temporary), arn)).text).toContain('"pid"');
  for (const sessionToken of ['other', '']) {
    await expect(invoke(dataClient(url, { ...temporary, sessionToken } as never), arn)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  }
});

test('a payload of any size is covered by the signature and reaches the server whole', async () => {
  const { url, arn } = await start();
  const payload = Buffer.from(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { padding: 'x'.repeat(2_000_000) } }),
  );
  expect(JSON.parse((await invoke(dataClient(url), arn, { payload })).text)).toMatchObject({
    result: { length: payload.length },
  });
});

test('a signed payload that is too long is refused for its length, whether it says so or not', async () => {
  const { url, arn, path: invocationPath } = await start({ limits: { payloadBytes: 1000 } });
  const client = dataClient(url);
  const tooLong = { error: { code: -32006, message: 'Validation error - Invalid request data' } };
  expect(JSON.parse((await invoke(client, arn, { payload: Buffer.alloc(1001, 'x') })).text)).toMatchObject(tooLong);
  const stop = new StopRuntimeSessionCommand({
    agentRuntimeArn: arn,
    runtimeSessionId: 'x'.repeat(33),
    clientToken: 'x'.repeat(1001),
  });
  await expect(client.send(stop)).rejects.toMatchObject({
    name: 'ValidationException',
    $metadata: { httpStatusCode: 400 },
  });
  const chunked = {
    body: Readable.toWeb(Readable.from([Buffer.alloc(1001, 'x')])),
    duplex: 'half',
  } as unknown as RequestInit;
  const headers = {
    'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=0`,
  };
  const response = await new McpEndpoint(`${url}${invocationPath}`).send(undefined, undefined, { ...chunked, headers });
  expect(await response.json()).toMatchObject(tooLong);
});

test("signatures other than the SDK's are understood", async () => {
  const signed = await start();
  expect((await send(signed)).status).toBe(200);
  expect(
    (
      await send(signed, {
        headers: { 'mcp-protocol-version': '2025-11-25', accept: 'application/json,   text/event-stream' },
      })
    ).status,
  ).toBe(200);
});

test.each<[string, SigningChanges, SigningChanges]>([
  ['another body', {}, { body: BODY.replace('describe', 'crash') }],
  ['another header', { headers: { 'mcp-session-id': 'a' } }, { headers: { 'mcp-session-id': 'b' } }],
  ['another region', { region: 'eu-west-1' }, {}],
  ['another service', { service: 's3' }, {}],
  ['six minutes ago', { date: new Date(Date.now() - 6 * 60_000) }, {}],
  ['in an hour', { date: new Date(Date.now() + 60 * 60_000) }, {}],
  ['no date', {}, { headers: { 'x-amz-date': 'yesterday' } }],
  ['a body that is left out of the signature', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }, {}],
  ['a hash of another body', {}, { body: 'other', headers: {} }],
  ['the day before', {}, { authorization: made => made.replace(/\/20\d{6}\//, '/20200101/') }],
  ['one header less', {}, { authorization: made => made.replace('content-type;', '') }],
  ['no host among the signed headers', {}, { authorization: made => made.replace('host;', '') }],
  ['another request', {}, { authorization: made => made.replace('aws4_request', 'aws4_other') }],
  ['no signature', {}, { headers: { authorization: '' } }],
  [
    'half a signature',
    {},
    {
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=AKIDLOCAL/20260101/us-east-1/bedrock-agentcore/aws4_request',
      },
    },
  ],
])('a signature does not hold for %s', async (_, signing, sent) => {
  const response = await send(await start(), signing, sent);
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(await response.json()).toMatchObject({
    error: { code: -32002, message: 'Authorization error - Insufficient permissions' },
  });
});

test.each<[string, SigningChanges]>([
  ['another service', { service: 's3' }],
  ['the control plane of another service', { service: 'bedrock' }],
  ['another region', { region: 'eu-west-1' }],
])('the log says that a signature was made for %s', async (_, signing) => {
  const signed = await start();
  await send(signed, signing);
  const { region = 'us-east-1', service = 'bedrock-agentcore' } = signing;
  expect(reasons(signed)).toEqual([
    `Credential should be scoped to us-east-1/bedrock-agentcore, got ${region}/${service}`,
  ]);
});

test('a signature that leaves out the host does not hold: it would for another host, too', async () => {
  const signed = await start();
  const { path: invocationPath, url } = signed;
  const withoutHost = await send(signed, { unsigned: ['host'] });
  expect(withoutHost.status).toBe(403);
  expect(reasons(signed)).toEqual(['The Host header must be part of the signature']);
  // All else about it is right.
  expect((await send({ ...signed, url, path: invocationPath })).status).toBe(200);
});

test('four minutes of clock skew are no problem', async () => {
  expect((await send(await start(), { date: new Date(Date.now() - 4 * 60_000) })).status).toBe(200);
});

test('a body may be left out of the signature when the setting says so', async () => {
  const signed = await start({ settings: { unsignedPayload: 'accept' } });
  expect((await send(signed, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })).status).toBe(200);
});

test('a session does not exist for another caller, and cannot be stopped by one', async () => {
  const { url, arn } = await start();
  const [owner, other] = [dataClient(url), dataClient(url, OTHER)];
  const { mcpSessionId = '' } = await invoke(owner, arn, {
    payload: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}'),
  });
  expect((await invoke(owner, arn, { mcpSessionId })).text).toContain('"pid"');
  await expect(invoke(other, arn, { mcpSessionId })).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  await expect(
    other.send(new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId: mcpSessionId })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(
    (await owner.send(new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId: mcpSessionId })))
      .statusCode,
  ).toBe(200);
});

test('a session cannot be stopped by another caller who knows the runtime session id of its answers', async () => {
  const { url, arn } = await start();
  const [owner, other] = [dataClient(url), dataClient(url, OTHER)];
  const initialized = await invoke(owner, arn, {
    payload: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}'),
  });
  // The second one came without a session, and is answered by a process that it shares.
  for (const { runtimeSessionId } of [initialized, await invoke(owner, arn)]) {
    const command = new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId });
    await expect(other.send(command)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await owner.send(command)).statusCode).toBe(200);
  }
});

test("a session is everybody's when the setting says so", async () => {
  const { url, arn } = await start({ settings: { sessionBinding: 'none' } });
  const { mcpSessionId = '' } = await invoke(dataClient(url), arn, {
    payload: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}'),
  });
  expect((await invoke(dataClient(url, OTHER), arn, { mcpSessionId })).text).toContain('"pid"');
});

test('only credentials that may do so name a user', async () => {
  const { url, arn } = await start({ credentials: [CREDENTIALS, { ...OTHER, mayNameUser: false }] });
  expect((await invoke(dataClient(url), arn, { runtimeUserId: 'ana' })).text).toContain('"pid"');
  expect((await invoke(dataClient(url, OTHER), arn)).text).toContain('"pid"');
  await expect(invoke(dataClient(url, OTHER), arn, { runtimeUserId: 'ana' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
});

test.each([
  ['with credentials, at the URLs of the platform alone', { credentials: [CREDENTIALS] }, [403, 200]],
  ['everywhere', { credentials: [CREDENTIALS], auth: 'all' }, [403, 403]],
  ['nowhere', { credentials: [CREDENTIALS], auth: 'off' }, [200, 200]],
  ['without credentials nowhere', {}, [200, 200]],
] as const)('callers show who they are: %s', async (_, options, statuses) => {
  const { url, endpoint, runtime } = await startRuntime(options);
  const platform = new McpEndpoint(`${url}${runtime.runtimes[0]?.invocationPath}`);
  expect([(await platform.call('describe')).status, (await endpoint.call('describe')).status]).toEqual(statuses);
});

test('a signed runtime has no protected resource metadata', async () => {
  const { url, arn } = await start();
  const response = await fetch(
    `${url}/runtimes/${encodeURIComponent(arn)}/invocations/.well-known/oauth-protected-resource`,
  );
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([404, 'ResourceNotFoundException']);
});

test('a value of `auth` that does not exist is refused', () => {
  expect(() => newRuntime({ runtimes: [sessionServer()], auth: 'on' as never })).toThrow('`auth` must be');
});
