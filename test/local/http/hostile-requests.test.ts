import { connect } from 'node:net';
import path from 'node:path';
import { startRuntime, until, type Started } from '../running';

const servers = path.join(__dirname, '../differential/servers.mjs');
const BODY = '{"jsonrpc":"2.0","id":1,"method":"x"}';
const SIZED = `Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
const CHUNKS = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const HOST = 'Host: localhost\r\n';

let started: Started;
beforeEach(async () => {
  started = await startRuntime({
    runtimes: [{ name: 'echo', command: [process.execPath, servers, 'echo'] }],
    settings: { requestHeaders: 'all', serverErrors: 'pass' },
  });
});

interface Asked {
  readonly body: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answered {
  readonly status: number;
  readonly head: string;
  readonly asked: Asked | undefined;
  readonly body: string;
}

/** What comes over one connection until it closes, or nothing came for a while. */
async function exchange(bytes: string): Promise<Answered[]> {
  const socket = connect(Number(new URL(started.url).port), '127.0.0.1').on('error', () => {});
  let received = '';
  const silence = setTimeout(() => socket.destroy(), 700);
  socket.setEncoding('latin1').on('data', text => {
    received += String(text);
    silence.refresh();
  });
  socket.write(bytes, 'latin1');
  await new Promise(resolve => socket.once('close', resolve));
  clearTimeout(silence);
  return received
    .split(/(?=HTTP\/1\.1 \d)/)
    .filter(text => text !== '')
    .map(text => {
      const [head = '', body = ''] = text.split('\r\n\r\n');
      return {
        status: Number(head.split(' ')[1]),
        head,
        body,
        asked: body.includes('"headers"') ? (JSON.parse(body) as Asked) : undefined,
      };
    });
}

const post = (rest: string, target = '/mcp'): string => `POST ${target} HTTP/1.1\r\n${rest}`;

test.each<[string, string]>([
  ['obs-fold', `${HOST}X-A: 1\r\n X-B: 2\r\n${SIZED}`],
  ['obs-fold of a coding', `${HOST}Transfer-Encoding:\r\n chunked\r\n\r\n${CHUNKS}`],
  ['a space before the colon', `${HOST}Transfer-Encoding : chunked\r\n\r\n${CHUNKS}`],
  ['a coding behind a vertical tab', `${HOST}Transfer-Encoding: \u000bchunked\r\n${SIZED}`],
  ['a length and chunks', `${HOST}Transfer-Encoding: chunked\r\n${SIZED}`],
  ['two lengths', `${HOST}Content-Length: 3\r\n${SIZED}`],
  ['a list of lengths', `${HOST}Content-Length: ${BODY.length}, ${BODY.length}\r\n\r\n${BODY}`],
  ['a length with a sign', `${HOST}Content-Length: +${BODY.length}\r\n\r\n${BODY}`],
  ['a lone carriage return', `${HOST}X-A: a\rX-B: b\r\n${SIZED}`],
  ['NUL in a header', `${HOST}X-A: a\0b\r\n${SIZED}`],
  ['a chunk of more than there are numbers', `${HOST}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF1\r\n${BODY}`],
  ['a negative chunk', `${HOST}Transfer-Encoding: chunked\r\n\r\n-1\r\n${BODY}\r\n0\r\n\r\n`],
  ['a chunk size with a prefix', `${HOST}Transfer-Encoding: chunked\r\n\r\n0x25\r\n${BODY}\r\n0\r\n\r\n`],
  ['a chunk extension cut by a line feed', `${HOST}Transfer-Encoding: chunked\r\n\r\n25;a\n${BODY}\r\n0\r\n\r\n`],
  ['two hosts', `${HOST}Host: evil.example\r\nConnection: close\r\n${SIZED}`],
  ['no host', SIZED],
])('is refused, and nothing behind it is heard: %s', async (_, rest) => {
  const answers = await exchange(post(rest));
  expect(answers.map(({ status }) => status)).toEqual([expect.any(Number)]);
  expect([400, 413]).toContain(answers[0]?.status);
  expect(answers[0]?.asked).toBeUndefined();
});

test('an endless chunk extension ends the connection, and nothing behind it is heard', async () => {
  const extension = 'a'.repeat(100_000);
  const answers = await exchange(
    post(`${HOST}Transfer-Encoding: chunked\r\n\r\n25;${extension}\r\n${BODY}\r\n0\r\n\r\n`),
  );
  // Node.js may close while the client still sends; the reset can then overtake what it said.
  expect(answers.length).toBeLessThanOrEqual(1);
  expect(answers.every(({ status, asked }) => status === 413 && asked === undefined)).toBe(true);
});

test.each(['xchunked', 'gzip, chunked', 'identity, chunked', 'chunked, chunked'])(
  'after a coding that is not undone the connection ends: %s',
  async coding => {
    const answers = await exchange(
      `${post(`${HOST}Transfer-Encoding: ${coding}\r\n\r\n${CHUNKS}`)}${post(`${HOST}${SIZED}`)}`,
    );
    expect(answers).toHaveLength(1);
    expect([400, 501]).toContain(answers[0]?.status);
    expect(answers[0]?.head).toMatch(/connection: close/i);
  },
);

test.each<[string, string, string]>([
  ['trailers', `${HOST}TE: trailers\r\nConnection: TE\r\n${SIZED}`, 'te'],
  [
    'an upgrade to HTTP/2',
    `${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n${SIZED}`,
    'upgrade',
  ],
  ['a web socket', `${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n${SIZED}`, 'upgrade'],
  ['an announced trailer', `${HOST}Trailer: Mcp-Name\r\n${SIZED}`, 'trailer'],
  ['a length that `Connection` names', `${HOST}Connection: close, content-length\r\n${SIZED}`, 'x'],
  [
    'a trailer that says who asks',
    `${HOST}Transfer-Encoding: chunked\r\n\r\n${CHUNKS.slice(0, -2)}Mcp-Name: forged\r\n\r\n`,
    'mcp-name',
  ],
  [
    'chunk extensions',
    `${HOST}Transfer-Encoding: chunked\r\n\r\n25;a=b;c="d"\r\n${BODY}\r\n0;x\r\n\r\n`,
    'transfer-encoding',
  ],
  ['the id of the request', `${HOST}X-Amzn-Bedrock-AgentCore-Runtime-Request-Id: forged\r\n${SIZED}`, 'x'],
  [
    'names of WSGI',
    `${HOST}Mcp_Session_Id: a\r\nX_Amzn_Bedrock_AgentCore_Runtime_User_Id: a\r\nX-Amzn_Trace-Id: a\r\n${SIZED}`,
    'mcp_session_id',
  ],
])('reaches the server as one request without what is not for it: %s', async (_, rest, without) => {
  const answers = await exchange(post(rest));
  expect(answers.map(({ status }) => status)).toEqual([200]);
  const { body, headers } = answers[0]?.asked as Asked;
  expect(body).toBe(BODY);
  expect(headers).not.toHaveProperty(without);
  expect(headers['connection']).toBe('keep-alive');
  expect(Object.keys(headers).filter(name => name.includes('_'))).toEqual([]);
  expect(headers['x-amzn-bedrock-agentcore-runtime-request-id']).toMatch(/^[\da-f-]{36}$/);
});

test('a request after an error gets its own answer', async () => {
  const refused = [post(`${HOST}${SIZED}`, '/nowhere'), post(`${HOST}Origin: https://evil.example\r\n${SIZED}`)];
  const answers = await exchange([...refused, post(`${HOST}Mcp-Name: mine\r\n${SIZED}`)].join(''));
  expect(answers.map(({ status }) => status)).toEqual([404, 403, 200]);
  expect(answers[2]?.asked?.headers['mcp-name']).toBe('mine');
});

test.each<[string, string, number]>([
  ['http://localhost/mcp', HOST, 200],
  ['HTTP://127.0.0.1:1/mcp?x=1', HOST, 200],
  ['http://localhost/mcp', 'Host: evil.example\r\n', 200],
  ['http://evil.example/mcp', HOST, 403],
  ['http://localhost@evil.example/mcp', HOST, 403],
  ['http://user@localhost/mcp', HOST, 403],
  ['http:///mcp', HOST, 403],
  ['//evil.example/mcp', HOST, 404],
  ['/../mcp', HOST, 404],
  ['/%6dcp', HOST, 404],
  ['/__proto__/mcp', HOST, 404],
])('the host of a target in absolute form stands for `Host`: %s, %j', async (target, host, status) => {
  const answers = await exchange(post(`${host}Connection: close\r\n${SIZED}`, target));
  expect(answers.map(answer => answer.status)).toEqual([status]);
});

test.each([
  'Mcp-Session-Id',
  'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id',
  'X-Amzn-Bedrock-AgentCore-Runtime-User-Id',
  'Mcp-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Traceparent',
])('a server cannot be told two values of %s', async name => {
  const [value, other] = ['a'.repeat(40), 'b'.repeat(40)];
  const [answer] = await exchange(post(`${HOST}${name}: ${value}\r\n${name.toLowerCase()}: ${other}\r\n${SIZED}`));
  expect(answer?.asked).toBeUndefined();
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: { code: -32006 } });
});

test('a body that its client breaks off does not look whole to the server', async () => {
  const script = `require('node:http').createServer((request, response) => {
    let text = '';
    // A health probe is no request of this test.
    const say = what => text.startsWith('0123456789') && console.log(what);
    request.on('data', chunk => { text += chunk; say('some'); });
    request.on('end', () => { say('whole'); response.end('{}'); });
    request.on('close', () => say('closed ' + request.complete));
  }).listen(process.env.PORT, process.env.HOST);`;
  const { url, log } = await startRuntime({ runtimes: [{ name: 'whole', command: [process.execPath, '-e', script] }] });
  const said = (line: string): boolean => log.some(entry => entry.line === line);
  for (const framing of ['Transfer-Encoding: chunked\r\n\r\n64\r\n', 'Content-Length: 100\r\n\r\n']) {
    log.length = 0;
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
    socket.write(post(`${HOST}Mcp-Session-Id: any\r\n${framing}0123456789`));
    await until(() => said('some'));
    socket.destroy();
    await until(() => said('closed false'));
    expect(said('whole')).toBe(false);
  }
});
