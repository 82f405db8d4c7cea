import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ManualClock, type LocalRuntimeOptions } from 'stateful-mcp-local';
import { CREDENTIALS } from '../aws-clients';
import { startRuntime, type Started } from '../running';

interface Answered {
  readonly status: number | undefined;
  readonly body: string;
}

interface StalledStarted extends Started {
  readonly clock: ManualClock;
  readonly invocationPath: string;
}

async function start(options: Partial<LocalRuntimeOptions> = {}): Promise<StalledStarted> {
  const clock = new ManualClock();
  const started = await startRuntime({ clock, ...options });
  return { ...started, clock, invocationPath: started.runtime.runtimes[0]?.invocationPath ?? '' };
}

/**
 * Sends a request whose body never comes to its end, and lets the time of the runtime pass until it is answered and its
 * connection has ended.
 */
async function stall(
  { url, clock }: StalledStarted,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const sent = request(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '1000', ...headers },
  });
  sent.on('error', () => {});
  sent.write('{"jsonrpc":"2.0","id":1,');
  const ended = new Promise(resolve => sent.on('close', resolve));
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  await delay(100);
  clock.advance(899_000);
  expect(await Promise.race([answered.then(() => 'answered'), delay(100, 'held')])).toBe('held');
  clock.advance(1000);
  const [response] = await answered;
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
  }
  await ended;
  return { status: response.statusCode, body };
}

const TIME_OVER = 'the request took longer than 900 s: its body has not come';
/** Of a signer who is known: the body is read before the signature is looked at. */
const signed = (): Record<string, string> => {
  const now = new Date().toISOString();
  return {
    'x-amz-date': now.replace(/[-:]|\.\d+/g, ''),
    authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/${now.slice(0, 10).replaceAll('-', '')}/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=0`,
  };
};

describe('a request whose body never comes is not held for ever', () => {
  test('without a session', async () => {
    const started = await start();
    const { status, body } = await stall(started, '/mcp');
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { jsonrpc: '2.0', id: null, error: { code: -32010, message: TIME_OVER } },
    ]);
    expect(started.runtime.sessions()).toEqual([]);
  });

  test('of a session', async () => {
    const started = await start();
    const sessionId = await started.endpoint.initialize();
    const { status, body } = await stall(started, '/mcp', { 'mcp-session-id': sessionId });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      error: { code: -32010, message: expect.stringContaining('the request took longer than 900 s') as string },
    });
  });

  test('that is signed', async () => {
    const started = await start({ credentials: [CREDENTIALS] });
    const { status, body } = await stall(started, started.invocationPath, signed());
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { jsonrpc: '2.0', id: null, error: { code: -32010, message: TIME_OVER } },
    ]);
  });

  test('that stops a session, which lives on', async () => {
    const started = await start();
    const sessionId = await started.endpoint.initialize();
    const { status, body } = await stall(started, started.invocationPath.replace('invocations', 'stopruntimesession'), {
      'x-amzn-bedrock-agentcore-runtime-session-id': sessionId,
    });
    expect([status, JSON.parse(body)]).toEqual([424, { message: TIME_OVER }]);
    expect(started.runtime.sessions().filter(({ sessionId: id }) => id === sessionId)).toHaveLength(1);
  });

  test('for a runtime that does not exist', async () => {
    const { status } = await stall(await start(), '/runtimes/arn%3Aother/invocations', {
      'mcp-protocol-version': '2025-11-25',
    });
    expect(status).toBe(200);
  });

  test('of the control plane', async () => {
    const { status, body } = await stall(await start({ credentials: [CREDENTIALS] }), '/runtimes', signed());
    expect([status, JSON.parse(body)]).toEqual([424, { message: TIME_OVER }]);
  });
});

test('a request by `fetch` whose body never comes is not held for ever', async () => {
  const { runtime, clock } = await start();
  let given = false;
  const body = new ReadableStream({
    cancel() {
      given = true;
    },
  });
  const answered = runtime.fetch(
    new Request('http://localhost/mcp', { method: 'POST', body, duplex: 'half' } as RequestInit),
  );
  await delay(50);
  clock.advance(900_000);
  expect(await (await answered).json()).toMatchObject({ error: { code: -32010, message: TIME_OVER } });
  await delay(50);
  expect(given).toBe(true);
});
