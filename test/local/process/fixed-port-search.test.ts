import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findFixedPort, leaveFixedPort, takeFixedPort } from '../../../local/src/process/fixed-port';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
  }
});

type Features = Parameters<typeof findFixedPort>[2];
const MCP: Features = { protocol: 'MCP', path: undefined };
const HTTP: Features = { protocol: 'HTTP', path: '/own' };

/**
 * A process that listens on one port, and on another one as soon as a connection to the first has ended; `first` and
 * `second` are listeners of requests.
 */
async function listen(first: string, second: string): Promise<{ pid: number; port: number; next: Promise<number> }> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `
      const { createServer } = require('node:http');
      const listen = (onRequest, onEnd = () => {}) => {
        const server = createServer((request, response) => {
          let body = '';
          request.on('data', chunk => (body += chunk)).on('end', () => onRequest(request, response, body));
        });
        server.on('connection', socket => socket.once('close', onEnd));
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));
      };
      let ended = false;
      listen(${first}, () => {
        if (!ended) listen(${second});
        ended = true;
      });
      `,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const [port] = (await once(lines, 'line')) as [string];
  const next = once(lines, 'line').then(([line]) => Number(line));
  return { pid: child.pid as number, port: Number(port), next };
}

const answer = (text: string, status = 200): string =>
  `(request, response) => response.writeHead(${status}).end(${JSON.stringify(text)})`;
const JSON_RPC = answer('{"jsonrpc":"2.0","id":"health","result":{}}');
const HEALTHY = answer('{"status":"Healthy"}');

async function search<Case>(
  cases: readonly Case[],
  found: (one: Case, signal: AbortSignal) => Promise<boolean>,
): Promise<Case[]> {
  const end = new AbortController();
  try {
    const results = await Promise.all(cases.map(one => found(one, end.signal)));
    return cases.filter((_, index) => !results[index]);
  } finally {
    end.abort();
  }
}

test('what answers by its protocol is found', async () => {
  const cases: [Features, string][] = [
    [MCP, JSON_RPC],
    [MCP, answer('{"jsonrpc":"2.0","error":{}}', 400)],
    [MCP, `(request, response) => response.write('data: {"jsonrpc":"2.0"}\\n\\n')`],
    [MCP, `(request, response) => response.write('{"json', () => setImmediate(() => response.end('rpc":"2.0"}')))`],
    [
      { protocol: 'MCP', path: '/own' },
      `({ method, url, headers }, response, body) =>
        response.end(JSON.stringify([method, url, headers['content-type'], headers.accept, JSON.parse(body)]) ===
          JSON.stringify(['POST', '/own', 'application/json', 'application/json, text/event-stream',
            { jsonrpc: '2.0', id: 'health', method: 'ping' }]) ? '{"jsonrpc":"2.0"}' : '')`,
    ],
    [MCP, `({ url }, response) => response.end(url === '/mcp' ? '{"jsonrpc":"2.0"}' : '')`],
    [HTTP, HEALTHY],
    [
      HTTP,
      `({ method, url, headers }, response) =>
        response.end(method === 'GET' && url === '/ping' && !('content-length' in headers) && !('transfer-encoding' in headers) ? '{"status":"Healthy"}' : '')`,
    ],
  ];
  const missed = await search(cases, async ([features, speaking], signal) => {
    const { pid, port } = await listen(speaking, '() => {}');
    return (await findFixedPort(pid, 1, features, signal)) === port;
  });
  expect(missed).toEqual([]);
});

test('what answers something else is passed by, and the search goes on', async () => {
  const mcp = [
    answer('requests_total 1'),
    answer('{"status":"Healthy"}'),
    '() => {}',
    `({ socket }) => socket.end('SSH-2.0\\r\\n')`,
    `({ socket }, response) => response.write('{"js', () => socket.destroy())`,
    `(request, response) => {
      const more = () => response.write('x'.repeat(1024), more);
      more();
    }`,
  ];
  const http = [answer('{"status":"Healthy"}', 404), answer('healthy'), JSON_RPC];
  const cases = [
    ...mcp.map(first => ({ features: MCP, first, second: JSON_RPC })),
    ...http.map(first => ({ features: HTTP, first, second: HEALTHY })),
  ];
  const mistaken = await search(cases, async ({ features, first, second }, signal) => {
    const { pid, next } = await listen(first, second);
    return (await findFixedPort(pid, 1, features, signal)) === (await next);
  });
  expect(mistaken).toEqual([]);
});

test('where it was told to listen is not searched', async () => {
  const fromTheSecondOn = `(() => {
    let asked = 0;
    return (request, response) => response.end(asked++ ? '{"jsonrpc":"2.0"}' : '');
  })()`;
  const { pid, port, next } = await listen(JSON_RPC, fromTheSecondOn);
  // Ends a connection to the first port, so that the process listens on the second one.
  await (await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })).text();
  const end = new AbortController();
  expect(await findFixedPort(pid, port, MCP, end.signal)).toBe(await next);
});

test('a search that is ended before or while it looks finds nothing', async () => {
  const { pid } = await listen(JSON_RPC, JSON_RPC);
  const early = new AbortController();
  const ended = Promise.all([
    findFixedPort(pid, 1, MCP, AbortSignal.abort()),
    findFixedPort(pid, 1, MCP, early.signal),
  ]);
  early.abort();
  // It does not wait until it would have looked.
  expect(await Promise.race([ended, new Promise(resolve => setImmediate(resolve, 'waits'))])).toEqual([
    undefined,
    undefined,
  ]);
  const { pid: silent, next } = await listen(answer(''), answer(''));
  const end = new AbortController();
  const searched = findFixedPort(silent, 1, MCP, end.signal);
  await next;
  end.abort();
  expect(await searched).toBeUndefined();
});

test('a search does not keep its program, before its first look and after it', async () => {
  const program = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '-e',
      `
      const { createServer } = require('node:http');
      const { findFixedPort } = require('./local/src/process/fixed-port.ts');
      const server = createServer((request, response) => response.end());
      // The search has found that this is no server of MCP, and waits for its next look.
      server.once('connection', socket => socket.once('close', () => server.close()));
      server.listen(0, '127.0.0.1', () => {
        void findFixedPort(process.pid, 1, { protocol: 'MCP' }, new AbortController().signal);
        if (process.getActiveResourcesInfo().includes('Timeout')) process.exitCode = 3;
      });
      `,
    ],
    { cwd: path.join(__dirname, '../../..'), stdio: 'ignore' },
  );
  children.push(program);
  expect(await once(program, 'exit')).toEqual([0, null]);
});

test('a port is for one process until it leaves it', () => {
  expect([takeFixedPort(1), takeFixedPort(1), takeFixedPort(2)]).toEqual([true, false, true]);
  leaveFixedPort(1);
  expect([takeFixedPort(1), takeFixedPort(2)]).toEqual([true, false]);
});
