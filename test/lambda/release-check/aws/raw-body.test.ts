import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ControlPlane } from '../../../../lambda/release-check/aws/control-plane';

// What a service answers, as it sent it.

const replies: [status: number, body: string, error?: string][] = [];
const server = createServer((_request, response) => {
  const [status, body, error] = replies.shift() ?? [500, ''];
  response.writeHead(status, error === undefined ? {} : { 'x-amzn-errortype': error }).end(body);
});
let control: ControlPlane;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  const retries = { attempts: 1, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 1 };
  control = new ControlPlane('expenses-1', { retries, denialPausesMs: [] }, new AbortController().signal);
});
afterAll(async () => {
  control.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('members that the SDK does not know are kept, beside those that it does', async () => {
  const document = { status: 'READY', failureReason: 'none', newer: { than: 'the SDK' } };
  replies.push([200, JSON.stringify(document)]);
  expect(await control.version('3')).toEqual({ version: '3', status: 'READY', failureReason: 'none', document });
});

test('an error without JSON, as proxies answer it, is the error that it says', async () => {
  replies.push([404, '<html>', 'ResourceNotFoundException'], [403, '', 'AccessDeniedException']);
  expect(await control.version('3')).toBeUndefined();
  await expect(control.version('3')).rejects.toMatchObject({ code: 'ERR_RUNTIME_DENIED' });
});
