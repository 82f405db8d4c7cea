import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { respond } from '../../../lambda/common/cloudformation-response';
import { HttpTransport } from '../../../lambda/common/http-transport';
import { RETRY_POLICY } from '../../../lambda/common/retry';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const MOST_BYTES = 4096;

let method: string | undefined;
let body: Buffer;
let answer: { readonly status: number; readonly body: string };
const server = createServer(
  (request, response) =>
    void buffer(request).then(received => {
      method = request.method;
      body = received;
      response.writeHead(answer.status).end(answer.body);
    }),
);

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

beforeEach(() => {
  answer = { status: 200, body: '' };
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function responseWith(Reason: string, idLength = 255, retryPolicy = RETRY_POLICY): Promise<{ Reason: string }> {
  const transport = new HttpTransport();
  const event = {
    RequestType: 'Create' as const,
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    StackId: `arn:aws:cloudformation:eu-central-1:123456789012:stack/${'S'.repeat(128)}/0123456789abcdef`,
    RequestId: '0'.repeat(36),
    LogicalResourceId: 'I'.repeat(idLength),
    ResourceProperties: {},
  };
  const outcome = { Status: 'FAILED' as const, PhysicalResourceId: 'I'.repeat(idLength), Reason };
  try {
    await respond(event, outcome, transport, retryPolicy, new AbortController().signal);
  } finally {
    transport.close();
  }
  return JSON.parse(body.toString()) as { Reason: string };
}

test.each([
  ['letters', 'x'],
  ['umlauts', 'ü'],
  ['Chinese', '失'],
  ['emoji', '😀'],
  ['quotation marks', '"'],
  ['line feeds', '\n'],
  ['control characters', '\u001b'],
  ['halves of characters', '\ud83d'],
])('a long reason of %s fills the response and not more', async (_kind, character) => {
  const { Reason } = await responseWith(`ERR_X: ${character.repeat(5000)}`);
  expect(body.length).toBeLessThanOrEqual(MOST_BYTES);
  expect(body.length).toBeGreaterThan(MOST_BYTES - 110);
  expect(Reason).toMatch(/^ERR_X: /);
  expect(Reason).toMatch(/ \.\.\. \(the log has the rest\)$/);
  expect(Reason.replace(/^ERR_X: | \.\.\. .*$/g, '').replaceAll(character, '')).toBe('');
});

test('a reason that fits stays as it is', async () => {
  const reason = `ERR_X: ${'ü'.repeat(1000)}`;
  expect(await responseWith(reason)).toMatchObject({ Reason: reason });
});

test('a reason is cut where it would not fit, and not before', async () => {
  await responseWith('');
  const room = 4000 - body.length;
  const longest = 'x'.repeat(room);
  expect(await responseWith(longest)).toMatchObject({ Reason: longest });
  expect(body).toHaveLength(4000);
  expect((await responseWith(`${longest}x`)).Reason).toMatch(/^x+ \.\.\. \(the log has the rest\)$/);
  expect(body).toHaveLength(4000);
});

test('what is signed is an upload', async () => {
  await responseWith('');
  expect(method).toBe('PUT');
});

test('a response that is not taken fails with the beginning of what was said', async () => {
  answer = { status: 403, body: `<Code>AccessDenied</Code>${' '.repeat(174)}<x/>` };
  await expect(responseWith('', 255, { ...RETRY_POLICY, attempts: 1 })).rejects.toMatchObject({
    message: expect.stringMatching(/: status 403: <Code>AccessDenied<\/Code> {174}<$/) as string,
  });
});

test('ids that are as long as they may be leave room for the code', async () => {
  const { Reason } = await responseWith(`ERR_X: ${'x'.repeat(5000)}`, 1024);
  expect(Reason).toMatch(/^ERR_X: x+/);
  expect(body.length).toBeLessThanOrEqual(MOST_BYTES);
});
