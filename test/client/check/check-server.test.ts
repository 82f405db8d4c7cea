import { checkServer, connect, findingText, listContract, type CheckReport } from 'stateful-mcp-client';
import { closeServers, initialized, listen, scriptedServer, v1Server, v2Server } from '../servers';
import { CHECK, served, type Fault } from './checked-servers';

afterEach(closeServers);

const LEGACY = { ...CHECK, eras: ['legacy'] } as const;

/** What did not pass, as people read it. */
function faults({ findings }: CheckReport): string[] {
  return findings.filter(({ verdict }) => verdict !== 'pass').map(findingText);
}

test('a server that does all it has to passes in both eras', async () => {
  const lines: string[] = [];
  const report = await checkServer({
    target: await served(),
    definition: { ...CHECK, parallelFirstCalls: 3, latency: { firstCallMs: 30_000, warmCallMs: 30_000 } },
    onTranscript: line => lines.push(line),
  });

  expect(faults(report)).toEqual([]);
  expect(report.verdict).toBe('pass');
  const looked = (era: string): string[] => report.findings.filter(one => one.era === era).map(({ check }) => check);
  const both = ['initialize', 'list', 'tools', 'prompts', 'resources'];
  const conversations = ['conversation add', 'conversation declines', 'conversation report'];
  expect(looked('legacy')).toEqual([
    ...['initialize', 'proposed-session-id', ...both.slice(1), ...conversations],
    ...['session-affinity', 'session-isolation', 'unknown-session', 'first-call', 'warm-call', 'parallel-first-calls'],
  ]);
  expect(looked('modern')).toEqual([...both, ...conversations, 'first-call', 'warm-call']);
  expect(report.contract).toMatchObject({
    tools: [{ name: 'add', description: 'Adds an expense' }, { name: 'report' }],
    prompts: [{ name: 'review' }],
    resources: ['expenses://all', 'expenses://{id}'],
  });
  expect(report.latency.warmCallMs).toBeLessThan(report.latency.firstCallMs ?? 0);

  expect(report.transcript).toEqual(lines);
  expect(lines.join('\n')).toMatch(
    /→ tools\/call add\n.*← HTTP 200 to tools\/call add in \d+ ms\n.*elicitation\/create `amount`/,
  );
  expect(lines.join('\n')).not.toMatch(/ada|12\.5|Stored|food/);
});

test.each<[Fault, string]>([
  ['lacks a tool', 'tools (legacy): expected tools with `report`; got `add`'],
  [
    'requires an argument',
    'conversation add (legacy): expected a result that is no error; got the error of the tool "Input validation error',
  ],
  ['hangs in a tool', 'conversation report (legacy): expected a result of `report` within 2000 ms; got none'],
  [
    'asks something unscripted',
    'conversation add (legacy): expected a question about `confirm`, which the next answer of `elicitation` fills in; got question 2 of the conversation, about `passport`',
  ],
  ['sends no progress', 'conversation add (legacy): expected at least 2 progress notifications; got 0'],
  [
    'sends falling progress',
    'conversation report (legacy): expected progress that rises with each notification; got 1 after 2',
  ],
  [
    'fails in a tool',
    'conversation report (legacy): expected a result that is no error; got the error of the tool "the table expenses-7 does not exist"',
  ],
])('a server that %s fails, and the others of its conversations are held', async (fault, text) => {
  const report = await checkServer({ target: await served(fault), definition: LEGACY });
  expect(report.verdict).toBe('fail');
  expect(faults(report)[0]).toContain(text);
  expect(report.findings.filter(({ check }) => check.startsWith('conversation '))).toHaveLength(3);
});

test('what breaks clients of the live version fails, and its other changes are reported', async () => {
  await using live = await connect(await served());
  const next = { target: await served('lacks a tool'), live: await listContract(live) };
  const definition = { tools: ['add'], sessions: false };

  const report = await checkServer({ ...next, definition });
  expect(faults(report)).toEqual([
    'contract (legacy): expected nothing that breaks clients of the live version, unless `allowedChanges` has `tool:report`; got tool:report was removed',
  ]);
  const allowed = await checkServer({ ...next, definition: { ...definition, allowedChanges: ['tool:report'] } });
  expect(allowed).toMatchObject({ verdict: 'pass', changes: ['tool:report was removed'] });
});

test('a server without sessions fails, unless its check says that it keeps none', async () => {
  const target = await served(undefined, { stateless: true });
  const report = await checkServer({ target, definition: {} });
  expect(faults(report)).toEqual([expect.stringContaining('session-affinity (legacy): expected a session')]);
  expect((await checkServer({ target, definition: { sessions: false } })).verdict).toBe('pass');
});

test('only an era that is declared has to work', async () => {
  const { url: target } = await v1Server();
  expect((await checkServer({ target, definition: {} })).verdict).toBe('pass');
  const report = await checkServer({ target, definition: { eras: ['modern'] } });
  expect(faults(report)).toEqual([
    expect.stringContaining('initialize (modern): expected an answer of protocol 2026-07-28'),
  ]);
});

const answering = (method: string, answer: object) => async (): Promise<string> => {
  const { url } = await scriptedServer(({ id, method: asked }, { method: verb }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    return asked === method ? answer : asked === 'initialize' ? initialized(id) : { status: 202 };
  });
  return url;
};

test.each<[string, () => Promise<string>, string]>([
  [
    'is none of MCP',
    () => listen((_request, response) => void response.end('<html>')),
    'did not answer like an MCP server',
  ],
  [
    'speaks another version',
    answering('initialize', {
      body: {
        jsonrpc: '2.0',
        id: 0,
        result: { protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'x', version: '1' } },
      },
    }),
    'no protocol version in common',
  ],
  ['fails by itself', answering('initialize', { status: 500 }), 'HTTP status 500'],
  ['never answers', () => listen(() => undefined), 'did not start a session within 500 ms'],
])('a server that %s fails', async (_what, start, text) => {
  const report = await checkServer({ target: await start(), definition: {}, connectTimeoutMs: 500 });
  expect(report).toMatchObject({ verdict: 'fail', findings: [{ check: 'initialize', verdict: 'fail' }] });
  expect(report.findings[0]?.got).toContain(text);
});

test('a server that refuses a session id which comes with `initialize` fails, and is checked all the same', async () => {
  const { url } = await v1Server();
  const target = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const headers = Object.entries(request.headers).filter(
        ([name]) => !/^(host|content-length|connection)$/.test(name),
      );
      if (body.includes('"initialize"') && request.headers['mcp-session-id'] !== undefined) {
        response.writeHead(404).end();
        return;
      }
      void fetch(url, { method: request.method, headers: headers as [string, string][], ...(body && { body }) }).then(
        async answer => {
          response.writeHead(answer.status, [...answer.headers].flat());
          response.end(await answer.text());
        },
      );
    });
  });
  const report = await checkServer({ target, definition: { tools: ['count'] } });
  expect(faults(report)).toEqual([expect.stringContaining('proposed-session-id (legacy)')]);
  expect(report.contract?.tools.map(({ name }) => name)).toContain('count');
});

test('only what is wrong with the options is thrown', async () => {
  const definition = { conversations: [{ tool: '' }] };
  await expect(checkServer({ target: 'http://127.0.0.1:1/mcp', definition })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: expect.stringContaining('`conversations[0].tool` is ""') as string,
  });
  await expect(checkServer({ target: 'nowhere', definition: {} })).rejects.toMatchObject({ code: 'ERR_INVALID_URL' });
  expect(await checkServer({ target: 'http://127.0.0.1:1/mcp', definition: {} })).toMatchObject({ verdict: 'fail' });
});

test('a check that is stopped reports what it has found', async () => {
  const { url: target } = await v2Server();
  const stop = new AbortController();
  const report = await checkServer({
    target,
    definition: { tools: ['ask'], conversations: [{ tool: 'ask', elicitation: ['decline'], timeoutMs: 60_000 }] },
    signal: stop.signal,
    onTranscript: line => line.includes('→ tools/call') && stop.abort(),
  });
  expect(report.verdict).toBe('inconclusive');
  expect(report.findings.at(-1)).toMatchObject({ check: 'check', got: 'it was stopped before that' });
  expect(report.contract?.tools).not.toEqual([]);
});

test('a check that is stopped opens no session any more, and one that is stopped before it begins opens none', async () => {
  const { url: target } = await v2Server();
  const definition = {
    eras: ['legacy', 'modern'],
    conversations: [{ tool: 'ask', elicitation: ['decline'], timeoutMs: 60_000 }],
    parallelFirstCalls: 2,
  } as const;
  const stop = new AbortController();
  const lines: string[] = [];
  const stopped = {
    target,
    definition,
    signal: stop.signal,
    onTranscript: (line: string) => {
      lines.push(line);
      if (line.includes('→ tools/call')) {
        stop.abort();
      }
    },
  };
  await checkServer(stopped);
  const report = await checkServer(stopped);
  expect(report.verdict).toBe('inconclusive');
  // Longer than whatever they would still do.
  await checkServer({ target, definition });
  expect(lines.filter(line => line.includes('→ initialize'))).toHaveLength(1);
  expect(lines.filter(line => line.includes('→ server/discover'))).toEqual([]);
});
