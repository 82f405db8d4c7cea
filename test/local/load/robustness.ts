import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { LocalRuntime } from 'stateful-mcp-local';

/** What a run of hostile requests has found. */
export interface Findings {
  readonly requests: number;
  readonly seconds: number;
  /** How often each status was answered; `none` for a connection without an answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /**
   * Answers that came from the process of another session, and good requests that failed: empty unless something is
   * wrong.
   */
  readonly wrong: readonly string[];
  /** Open file descriptors of this program before and after; undefined where they cannot be counted. */
  readonly descriptors: readonly [number, number] | undefined;
  /** Bytes of its heap before and after, with garbage collected where that is possible. */
  readonly heap: readonly [number, number];
}

/** Random numbers that are the same in every run with a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

interface Hostile {
  readonly text: string | Buffer;
  /**
   * What the client does when it has written: waits for the end, waits for some of the answer, closes, or leaves the
   * request half for a moment or longer.
   */
  readonly then: 'wait' | 'answered' | 'destroy' | 'linger' | 'stall';
}

const IDS = [
  '',
  ' ',
  '../../etc/passwd',
  'x'.repeat(1025),
  '\u00e9',
  '%00',
  '__proto__',
  'constructor',
  '"; drop table sessions',
  'a,b',
  '0',
];
const PATHS = [
  '/',
  '//mcp',
  '/mcp/..',
  '/../mcp',
  '/mcp/%2e%2e/',
  '/runtimes//invocations',
  '/runtimes/%/invocations',
  '/runtimes/%00/invocations',
  '/runtimes/__proto__/invocations',
  '/runtimes/a%2Fb/invocations/../../mcp',
  `/${'a'.repeat(5000)}/mcp`,
  '/mcp?qualifier=%ff',
  '/sessions/mcp/extra',
  '/invocations',
  '/runtimes/',
  '/runtimes/x/versions/',
  '*',
  'http://evil.example/mcp',
];
const BODIES = [
  '',
  '{',
  'null',
  '[]',
  '[[]]',
  '"text"',
  '{"jsonrpc":"2.0"}',
  '{"method":5}',
  '{"jsonrpc":"2.0","id":{"a":1},"method":"initialize"}',
  '[{"method":"initialize"},{"method":"initialize"}]',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  '{"__proto__":{"method":"initialize"}}',
  '\u0000\u0001\u0002',
  `{"a":"${'x'.repeat(300_000)}"}`,
  '{"id":1e999,"method":"ping"}',
];
const HEADERS = [
  'mcp-session-id: a\r\nmcp-session-id: b',
  'content-length: 5\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked, chunked',
  'content-length: -1',
  'content-length: 5, 6',
  'connection: x-a\r\nx-a: 1',
  'expect: 100-continue',
  'expect: something',
  'upgrade: websocket\r\nconnection: upgrade',
  `x-big: ${'x'.repeat(20_000)}`,
  'mcp-protocol-version: 9999',
  'mcp-method: initialize',
  'accept: ',
  'authorization: Bearer a.b.c',
  'origin: https://evil.example',
  'x-bad\u0000name: 1',
  ': no-name',
  'accept: \u00ff',
  'content-type: \ud83d',
  'x-amzn-bedrock-agentcore-runtime-session-id: short',
  'baggage: a=b',
];
const HOSTS = ['evil.example', '127.0.0.1.evil.example', 'localhost@evil.example', '', '[::1', '127.0.0.1:99999'];
const METHODS = ['POST', 'POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'OPTIONS', 'HEAD', 'TRACE', 'BREW', 'post'];
const RAW = [
  '\r\n\r\n',
  'GET\r\n\r\n',
  '\u0016\u0003\u0001',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'POST /mcp HTTP/9.9\r\n\r\n',
  'POST /mcp HTTP/1.1\nhost: localhost\n\n{}',
  '\u0000'.repeat(1000),
];

/** @param live - ids of sessions that must go on */
function hostile(random: () => number, live: readonly string[]): Hostile {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const chance = (probability: number): boolean => random() < probability;
  if (chance(0.03)) {
    return { text: pick(RAW), then: 'wait' };
  }
  const body = Buffer.from(pick(BODIES));
  // The end of a live session would be asked for, and given.
  const method = pick(METHODS);
  const headers = [
    `host: ${chance(0.1) ? pick(HOSTS) : 'localhost'}`,
    ...(chance(0.4) ? [`mcp-session-id: ${pick(method !== 'DELETE' && chance(0.5) ? live : IDS)}`] : []),
    ...(chance(0.5) ? ['accept: application/json, text/event-stream'] : []),
    ...(chance(0.7) ? [pick(HEADERS)] : []),
  ];
  const framing = random();
  const head = `${method} ${chance(0.4) ? pick(PATHS) : '/mcp'} HTTP/1.1\r\n${headers.join('\r\n')}\r\n`;
  if (framing < 0.1) {
    return {
      text: Buffer.concat([Buffer.from(`${head}content-length: ${body.length + 100}\r\n\r\n`), body]),
      then: chance(0.02) ? 'stall' : pick(['destroy', 'linger']),
    };
  }
  if (framing < 0.2) {
    return {
      text: `${head}transfer-encoding: chunked\r\n\r\n${pick(['zz\r\n', '5\r\nabc', 'ffffffffffffffff\r\nabc', '0\r\nx: y', '3\r\nabcd\r\n0\r\n\r\n'])}`,
      then: pick(['wait', 'destroy']),
    };
  }
  if (framing < 0.25) {
    return { text: head.slice(0, Math.floor(random() * head.length)), then: 'destroy' };
  }
  const whole = (connection: string): Buffer =>
    Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n${connection}\r\n`), body]);
  if (framing < 0.3) {
    return { text: whole(''), then: 'destroy' };
  }
  // On a connection that is kept, one request or two at once.
  if (framing < 0.6) {
    return { text: chance(0.8) ? whole('') : Buffer.concat([whole(''), whole('')]), then: 'answered' };
  }
  return { text: whole('connection: close\r\n'), then: 'wait' };
}

const LONGEST_WAIT_MS = 1500;
const WAIT_MS = {
  wait: LONGEST_WAIT_MS,
  answered: LONGEST_WAIT_MS,
  destroy: LONGEST_WAIT_MS,
  linger: 50,
  stall: 3000,
} as const;

/** The status of the answer, or `none`. */
async function send(port: number, { text, then }: Hostile): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    if (answer.length < 64) {
      answer += chunk.toString('latin1');
    }
    if (then === 'answered') {
      setImmediate(() => {
        socket.destroy();
      });
    }
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close').catch(() => {});
  socket.write(text);
  if (then === 'destroy') {
    setImmediate(() => {
      socket.destroy();
    });
  }
  const limit = setTimeout(() => {
    socket.destroy();
  }, WAIT_MS[then]);
  await closed;
  clearTimeout(limit);
  return /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none';
}

interface Good {
  readonly sessionId: string;
  readonly pid: number;
}

/** Sends many hostile requests, with good sessions beside them that must not notice. */
export async function attack(command: readonly [string, ...string[]], requests: number, seed = 1): Promise<Findings> {
  const runtime = new LocalRuntime({
    // Sessions that hostile requests open do not pile up; the good ones are used more often than that.
    runtimes: [{ name: 'sessions', command, idleTimeoutSeconds: 60 }],
    quotas: 'off',
    limits: { payloadBytes: 1_000_000, requestMs: 5000 },
  });
  const random = randomOf(seed);
  const statuses: Record<string, number> = {};
  const wrong: string[] = [];
  const startedAt = Date.now();
  try {
    await runtime.ready;
    const { url, port } = await runtime.listen();
    const call = (sessionId: string | undefined, method: string): Promise<Response> =>
      fetch(`${url}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { name: 'describe' } }),
      });
    const good: Good[] = [];
    for (let count = 0; count < 3; count++) {
      const response = await call(undefined, 'initialize');
      const { result } = (await response.json()) as { result: { pid: number } };
      good.push({ sessionId: response.headers.get('mcp-session-id') ?? '', pid: result.pid });
    }
    const live = good.map(({ sessionId }) => sessionId);
    const check = async ({ sessionId, pid }: Good): Promise<void> => {
      const { result } = (await (await call(sessionId, 'tools/call')).json()) as { result?: { pid: number } };
      if (result?.pid !== pid) {
        wrong.push(`session ${sessionId} of process ${pid} was answered by ${JSON.stringify(result)}`);
      }
    };
    const descriptorsBefore = openDescriptors();
    const heapBefore = usedHeap();
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < requests) {
        sent++;
        const status = await send(port, hostile(random, live));
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (sent % 50 === 0) {
          await check(good[sent % good.length] as Good);
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    await Promise.all(good.map(check));
    // What was broken off is noticed a little later.
    await new Promise(resolve => setTimeout(resolve, 6000));
    // Sessions that hostile requests have opened live on, as they should; what they hold is no leak.
    const left = runtime
      .sessions()
      .filter(({ state, sessionId }) => state !== 'stopped' && !good.some(session => session.sessionId === sessionId));
    await Promise.all(left.map(({ sessionId }) => runtime.faults.expireSession(sessionId)));
    await new Promise(resolve => setTimeout(resolve, 500));
    const descriptorsAfter = openDescriptors();
    return {
      requests,
      seconds: (Date.now() - startedAt) / 1000,
      statuses,
      wrong,
      descriptors:
        descriptorsBefore === undefined || descriptorsAfter === undefined
          ? undefined
          : [descriptorsBefore, descriptorsAfter],
      heap: [heapBefore, usedHeap()],
    };
  } finally {
    await runtime.close();
  }
}

function openDescriptors(): number | undefined {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : undefined;
}

function usedHeap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}
