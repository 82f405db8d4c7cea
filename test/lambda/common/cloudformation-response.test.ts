import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { respond } from '../../../lambda/common/cloudformation-response';
import { HttpTransport } from '../../../lambda/common/http-transport';
import { RETRY_POLICY } from '../../../lambda/common/retry';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const MOST_BYTES = 4096;

let body: Buffer;
const server = createServer(
  (request, response) =>
    void buffer(request).then(received => {
      body = received;
      response.end();
    }),
);

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function responseWith(Reason: string, idLength = 255): Promise<{ Reason: string }> {
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
    await respond(event, outcome, transport, RETRY_POLICY, new AbortController().signal);
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

test('ids that are as long as they may be leave room for the code', async () => {
  const { Reason } = await responseWith(`ERR_X: ${'x'.repeat(5000)}`, 1024);
  expect(Reason).toMatch(/^ERR_X: x+/);
  expect(body.length).toBeLessThanOrEqual(MOST_BYTES);
});
