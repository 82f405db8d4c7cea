import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { handler } from '../../../lambda/image-assembler';
import type { CustomResourceEvent } from '../../../lambda/common/cloudformation-response';
import { PROPERTIES } from './requests';

// What CloudFormation is told. Assemblies are in handler-assembly.test.ts, and with real registries in test/image.

interface Received {
  readonly contentType: string | undefined;
  readonly body: Record<string, unknown>;
}

const received: Received[] = [];
const statuses: number[] = [];
const server = createServer(
  { keepAliveTimeout: 0 },
  (request, response) =>
    void text(request).then(body => {
      received.push({
        contentType: request.headers['content-type'],
        body: JSON.parse(body) as Record<string, unknown>,
      });
      response.writeHead(statuses.shift() ?? 200).end();
    }),
);
const context = { getRemainingTimeInMillis: () => 900_000 };

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

beforeEach(() => {
  received.length = 0;
  jest.spyOn(console, 'error').mockImplementation();
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function event(change: Partial<CustomResourceEvent> = {}): CustomResourceEvent {
  return {
    RequestType: 'Create',
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/presigned?X-Amz-Signature=1`,
    StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/test/1',
    RequestId: 'request-1',
    LogicalResourceId: 'Image',
    ResourceProperties: { ...PROPERTIES, user: 'root' },
    ...change,
  };
}

test('a failure is a reason that begins with its code, with the ids of the request', async () => {
  await handler(event(), context);
  expect(received).toEqual([
    {
      contentType: '',
      body: {
        Status: 'FAILED',
        Reason: expect.stringMatching(/^ERR_PROPERTIES_INVALID: `user` is "root"; /) as string,
        PhysicalResourceId: 'Image',
        StackId: event().StackId,
        RequestId: 'request-1',
        LogicalResourceId: 'Image',
      },
    },
  ]);
});

test('a reason is short enough for a response, whatever it quotes', async () => {
  await handler(event({ ResourceProperties: { ...PROPERTIES, user: 'x'.repeat(100_000) } }), context);
  expect(JSON.stringify(received[0]?.body).length).toBeLessThan(4096);
});

test('a failed update keeps the id of the resource, so that CloudFormation deletes nothing', async () => {
  await handler(event({ RequestType: 'Update', PhysicalResourceId: 'earlier' }), context);
  expect(received[0]?.body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'earlier' });
});

test('deleting succeeds without a look at the properties', async () => {
  await handler(event({ RequestType: 'Delete', PhysicalResourceId: 'earlier', ResourceProperties: {} }), context);
  expect(received.map(({ body }) => body)).toEqual([
    expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'earlier' }),
  ]);
});

test('a response that CloudFormation does not take is sent again', async () => {
  statuses.push(500, 503);
  await handler(event({ RequestType: 'Delete' }), context);
  expect(received).toHaveLength(3);
});

test('neither a connection nor a timer outlives an invocation', async () => {
  const timer = jest.spyOn(global, 'setTimeout');
  const cleared = jest.spyOn(global, 'clearTimeout');
  const closed = new Promise(resolve => server.once('connection', (socket: Socket) => socket.once('close', resolve)));
  await handler(event(), context);
  await closed;
  const limit = timer.mock.calls.findIndex(([, milliseconds]) => milliseconds === 870_000);
  expect(cleared).toHaveBeenCalledWith(timer.mock.results[limit]?.value);
  jest.restoreAllMocks();
});

test('when nothing can be sent, the invocation fails, so that AWS Lambda tries again', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const ResponseURL = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
  closed.close();
  await expect(
    handler(event({ RequestType: 'Delete', ResponseURL }), { getRemainingTimeInMillis: () => 1000 }),
  ).rejects.toThrow();
});
