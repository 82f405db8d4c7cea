// `stateful-mcp proxy` with clients of others. More of it, with the SDK's own clients, is in
// ../command/commands/proxy.test.ts.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import answers from '../../../samples/expense-tracker/answers.json';
import { newFolder } from '../../local/assembly';
import { bundleConversationServer } from '../../local/fixtures/conversation';
import { until, type Started } from '../../local/running';
import { openExpenseTable } from '../../samples/expense-table';
import { bundle, removeBundles } from '../../server/child-server';
import { LEGACY_KINDS } from '../../server/clients';
import { ourProxyTo, startSigned } from './proxied';
import { FASTMCP, pythonEnvironment } from '../python/python-environment';
import { closeStdioClients, converseThroughProxies } from './stdio-conversation';

const program = pythonEnvironment(FASTMCP);

let conversation: string;
beforeAll(() => {
  conversation = bundleConversationServer(newFolder());
});
afterEach(closeStdioClients);
afterAll(removeBundles);

interface Conversed {
  readonly tools: string[];
  readonly results: string[];
  readonly asked: string[];
  readonly progress: string[];
}

/** Has FastMCP's client start the proxy, and call tools by it. */
async function byFastMcp(started: Started, mode: string, calls: [string, object?][]): Promise<Conversed> {
  const job = {
    ...ourProxyTo(started, newFolder()),
    mode,
    answers: { ...answers, name: 'Ana' },
    calls: calls.map(([tool, args = {}]) => [tool, args]),
  };
  const { stdout } = await promisify(execFile)(program('python'), [
    path.join(__dirname, 'fastmcp_stdio.py'),
    JSON.stringify(job),
  ]);
  return JSON.parse(stdout) as Conversed;
}

test.each(LEGACY_KINDS)('%s: signed, with elicitation, sampling and progress, in a session for each', async kind => {
  const started = await startSigned(conversation);
  await converseThroughProxies(kind, () => ourProxyTo(started, newFolder()));
  expect(started.runtime.sessions()).toHaveLength(2);
  await closeStdioClients();
  // Nobody pays for idle minutes.
  await until(() => started.runtime.sessions().every(({ state }) => state === 'stopped'));
});

// `auto` begins with the modern era.
test.each(['auto', 'legacy'])("FastMCP's client with the expense tracker: %s", async mode => {
  const table = await openExpenseTable();
  try {
    const server = bundle(path.join(__dirname, '../../../samples/expense-tracker/server.ts'));
    const started = await startSigned(server, table.environment);
    const { tools, results, asked, progress } = await byFastMcp(started, mode, [
      ['add_expense_interactive'],
      ['analyze_spending'],
      ['generate_report'],
    ]);
    expect(tools).toEqual(['add_expense_interactive', 'analyze_spending', 'generate_report']);
    expect(asked).toEqual([
      'How much did you spend?',
      'What was it for?',
      'Which category is it?',
      'Record $42.50 for Team lunch (food)?',
    ]);
    expect(results[0]).toMatch(/^Recorded \$42\.50 for Team lunch \(food\)/);
    expect(results[1]).toMatch(/^Model says: /);
    expect(progress).toEqual(expect.arrayContaining(['loaded 1 expense', 'summed up 1 month', 'wrote the report']));
    expect(await table.scan()).toMatchObject([{ amountCents: 4250 }]);
  } finally {
    await table.close();
  }
});

test("a session that is lost under FastMCP's client is replaced, and it goes on", async () => {
  const started = await startSigned(conversation);
  const { results } = await byFastMcp(started, 'legacy', [
    ['remember', { word: 'red' }],
    ['kill'],
    ['remember', { word: 'blue' }],
    ['greet'],
  ]);
  const [first = '', second = '', third] = results;
  expect(first).toMatch(/^\d+: red$/);
  expect(second).toMatch(/^\d+: blue$/);
  expect(Number.parseInt(second, 10)).not.toBe(Number.parseInt(first, 10));
  expect(third).toBe('Model says: Greet Ana');
});
