// What becomes of single requests and their answers.
import { SESSION, errorOf, messagesOf, outcome, resultOf, toldBy } from '../wire/answer';
import type { Asking } from '../questions/question';

interface SeenRequest {
  readonly at: string;
  readonly method: string;
  readonly path?: string;
  readonly message?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the obedient server has seen in a session. */
export async function seenBy(
  server: Awaited<ReturnType<Asking['server']>>,
  known: Readonly<Record<string, string>>,
): Promise<SeenRequest[]> {
  return (resultOf(await server.request('tell', {}, { headers: known }))?.seen ?? []) as SeenRequest[];
}

/** A session of the obedient server; it makes no id of its own, so the platform or the caller does. */
export async function obedientSession(asking: Asking): Promise<{
  server: Awaited<ReturnType<Asking['server']>>;
  known: Readonly<Record<string, string>>;
}> {
  const server = await asking.server('obedient');
  return { server, known: { [SESSION]: `integ-${crypto.randomUUID()}` } };
}

export async function getAndDelete({ server: open, note }: Asking): Promise<string> {
  const server = await open('probe');
  const { known } = await server.initialize();
  const get = await server.send('GET', { headers: known, timeoutMs: 5_000 });
  const removed = await server.send('DELETE', { headers: known });
  const after = await server.call('describe_process', known);
  const orphan = await server.send('DELETE', { as: 'DELETE without a session' });
  note(`the GET lasted ${get.milliseconds} ms`);
  return `GET: ${outcome(get)}. DELETE: ${outcome(removed)}; a call after it: ${outcome(after)}. DELETE without a session: ${outcome(orphan)}.`;
}

export async function lastEventId(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const headers = { ...known, 'last-event-id': 'integ-7' };
  const get = await server.send('GET', { headers, timeoutMs: 5_000, as: 'GET with Last-Event-ID' });
  await server.request('obey', {}, { headers });
  const seen = (await seenBy(server, known)).filter(({ headers: found }) => found['last-event-id'] !== undefined);
  const methods = seen.map(({ method }) => method).join(' and ') || 'no request';
  return `The header reached the server with ${methods}; GET: ${outcome(get)}.`;
}

export async function accept(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const forms: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    // `fetch` itself says `*/*` where nothing is said.
    ['*/*', { accept: '*/*' }],
    ['application/*, text/*', { accept: 'application/*, text/*' }],
    ['application/json alone', { accept: 'application/json' }],
    ['an empty one', { accept: '' }],
  ];
  const outcomes: string[] = [];
  for (const [name, headers] of forms) {
    const body = { jsonrpc: '2.0', id: 1, method: 'obey', params: {} };
    const sent = { ...known, 'content-type': 'application/json', ...headers };
    outcomes.push(`${name}: ${outcome(await server.send('POST', { plain: true, headers: sent, body, as: name }))}`);
  }
  const [last] = (await seenBy(server, known)).filter(({ message }) => message === 'obey');
  return `${outcomes.join('; ')}. The server saw \`accept: ${last?.headers.accept}\`.`;
}

export async function forwardedHeaders(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const sent = {
    'x-integ': 'a',
    'x-amzn-bedrock-agentcore-runtime-custom-integ': 'b',
    'mcp-integ': 'c',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  await server.request('obey', {}, { headers: { ...known, ...sent } });
  const seen = (await seenBy(server, known)).find(({ message }) => message === 'obey')?.headers ?? {};
  asking.note(`the server saw: ${Object.keys(seen).sort().join(', ')}`);
  const passed = Object.keys(sent).filter(name => seen[name] !== undefined);
  const kept = Object.keys(sent).filter(name => seen[name] === undefined);
  const authorization = seen.authorization === undefined ? 'does not' : 'does';
  return `Without an allowlist ${passed.join(', ') || 'none'} reach the server, ${kept.join(', ') || 'none'} not; Authorization ${authorization}.`;
}

export async function serverErrors(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const outcomes: string[] = [];
  for (const status of [400, 401, 403, 404, 429, 500, 503]) {
    const answer = await server.request('obey', { status }, { headers: known, as: `the server answers ${status}` });
    outcomes.push(`${status} becomes ${outcome(answer)}`);
  }
  return `${outcomes.join('; ')}.`;
}

export async function redirects(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const orders = { status: 307, headers: { location: '/mcp/' } };
  return `A 307 of the server becomes ${outcome(await server.request('obey', orders, { headers: known }))}.`;
}

export async function brokenAnswers(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const whole = await server.request('obey', { breakOff: true }, { headers: known, as: 'a broken off JSON body' });
  const events = [{ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'first' } }];
  const orders = { events, waitMs: 500, breakOff: true };
  const stream = await server.request('obey', orders, { headers: known, as: 'a broken off event stream' });
  const error = errorOf(stream);
  return `JSON: ${outcome(whole)}. Event stream: ${outcome(stream)}, ${error ? `its last event is ${error}` : 'no event says so'}.`;
}

export async function earlyAnswer(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  await server.request('obey', {}, { headers: known });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'obey', padding: 'x'.repeat(4_000_000) });
  const headers = { ...known, 'x-integ-early': '1', 'x-amzn-bedrock-agentcore-runtime-custom-early': '1' };
  const answer = await server.send('POST', { headers, body, as: '4 MB, answered at once' });
  const after = await server.request('obey', {}, { headers: known, as: 'a call after it' });
  const early = resultOf(answer)?.early === true ? '' : ' (the header that asks for it did not reach the server)';
  return `${outcome(answer)}${early}; a call after it: ${outcome(after)}.`;
}

export async function largeEvent(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const outcomes: string[] = [];
  for (const eventCharacters of [9_000_000, 11_000_000]) {
    const options = { headers: known, timeoutMs: 120_000, as: `an event of ${eventCharacters} characters` };
    const answer = await server.request('obey', { events: [], eventCharacters }, options);
    outcomes.push(`an event of ${eventCharacters / 1e6} MB: ${outcome(answer)}, ${answer.body.length} characters came`);
  }
  return `${outcomes.join('; ')}.`;
}

export async function longRequest(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const { bed } = asking;
  const waitMs = bed.rehearsal ? 25_000 : 16 * 60_000;
  const options = { headers: known, timeoutMs: waitMs + 30_000, as: `silent for ${waitMs / 1_000} s` };
  const answer = await server.request('obey', { waitMs }, options);
  return `A request whose answer takes ${waitMs / 1_000} s ends after ${Math.round(answer.milliseconds / 1_000)} s with ${outcome(answer)}.`;
}

export async function unsignedPayload({ server: open }: Asking): Promise<string> {
  const server = await open('probe');
  const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const answer = await server.send('POST', { headers, body: { jsonrpc: '2.0', id: 1, method: 'ping' } });
  return `A request that leaves its body out of the signature gets ${outcome(answer)}.`;
}

export async function unknownRuntime({ server: open }: Asking): Promise<string> {
  const server = await open('probe');
  const url = new URL(server.endpoint.url);
  url.pathname = url.pathname.replace(/-[A-Za-z0-9]{10}\//, '-0000000000/');
  const mcp = await server.send('POST', { url, body: { jsonrpc: '2.0', id: 1, method: 'ping' }, as: 'as MCP' });
  const headers = { 'content-type': 'application/json' };
  const plain = await server.send('POST', { url, plain: true, headers, body: '{"prompt":"hi"}', as: 'as HTTP' });
  return `As MCP: ${outcome(mcp)}. As a plain request: ${outcome(plain)}.`;
}

export async function parallelCalls({ server: open }: Asking): Promise<string> {
  const server = await open('probe');
  const { known } = await server.initialize();
  const calls = 40;
  const startedAt = Date.now();
  const answers = await Promise.all(
    Array.from({ length: calls }, () => server.call('wait', known, { args: { seconds: 2 } })),
  );
  const served = answers.filter(answer => toldBy(answer) !== undefined).length;
  const refused = new Set(answers.filter(answer => toldBy(answer) === undefined).map(outcome));
  const others = refused.size === 0 ? '' : `; the others: ${[...refused].join('; ')}`;
  return `${served} of ${calls} calls of 2 s in one session were served within ${Date.now() - startedAt} ms${others}.`;
}

/** Whether what a server sends in a stream of its own reaches the client, and an answer to it the server. */
export async function serverMessages(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const events = [
    { jsonrpc: '2.0', id: 'r', method: 'roots/list' },
    { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'a line' } },
    {
      jsonrpc: '2.0',
      id: 'u',
      method: 'elicitation/create',
      params: { mode: 'url', message: 'Open it', url: 'https://example.com/', elicitationId: 'e1' },
    },
    { jsonrpc: '2.0', method: 'notifications/tasks/status', params: { taskId: 't1', status: 'working' } },
  ];
  const stream = await server.request('obey', { events, waitMs: 300 }, { headers: known });
  const came = messagesOf(stream).flatMap(({ method }) => (typeof method === 'string' ? [method] : []));
  const back = { jsonrpc: '2.0', id: 'r', result: { roots: [] } };
  const answered = await server.send('POST', { headers: known, body: back, as: 'the answer to roots/list' });
  const task = await server.request('tasks/get', { taskId: 't1' }, { headers: known });
  return `${came.join(', ') || 'Nothing'} reached the client; its answer got ${outcome(answered)}; \`tasks/get\` got ${outcome(task)}.`;
}
