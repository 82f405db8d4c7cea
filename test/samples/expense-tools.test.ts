import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createMcpFetchHandler, type McpFetchHandler } from 'stateful-mcp-server';
import { bedrockSampling } from 'stateful-mcp-server/bedrock';
import { ExpenseStore } from '../../samples/expense-tracker/expense-store';
import { expenseTracker } from '../../samples/expense-tracker/expense-tracker';
import {
  closeClients,
  connectClient,
  textOf,
  type Answer,
  type ConnectOptions,
  type TestClient,
} from '../server/clients';
import { modernRequest, URL_OF_KIT } from '../server/kit';
import { openExpenseTable, type ExpenseTable } from './expense-table';

let table: ExpenseTable;
let handler: McpFetchHandler;
let bedrock: Http2Server | undefined;
const bedrockSessions: ServerHttp2Session[] = [];
const environment = { ...process.env };

beforeEach(async () => {
  table = await openExpenseTable();
  Object.assign(process.env, table.environment);
});

afterEach(async () => {
  await closeClients();
  await handler.close();
  await table.close();
  for (const session of bedrockSessions.splice(0)) {
    session.destroy();
  }
  await new Promise<void>(resolve => (bedrock ? bedrock.close(() => resolve()) : resolve()));
  bedrock = undefined;
  process.env = { ...environment };
});

function open(modelId?: string): void {
  const store = new ExpenseStore(process.env['TABLE_NAME']!);
  handler = createMcpFetchHandler(
    () => expenseTracker(store, modelId === undefined ? undefined : bedrockSampling({ modelId })),
    { log: () => undefined },
  );
}

async function connect(options: ConnectOptions = {}, modelId?: string): Promise<TestClient> {
  open(modelId);
  return await connectClient('SDK v2 legacy', URL_OF_KIT, {
    fetch: (url, init) => handler.fetch(new Request(url, init)),
    ...options,
  });
}

const ANSWERS: Answer[] = [
  { amount: 19.99 },
  { description: 'Books' },
  { category: 'entertainment' },
  { confirm: true },
].map(content => ({ action: 'accept', content: content as unknown as Answer['content'] }));

/** Accepts the questions before one, which it answers otherwise. */
function answering(index: number, answer: Answer): NonNullable<ConnectOptions['elicit']> {
  let asked = 0;
  return () => (asked++ === index ? answer : ANSWERS[asked - 1]!);
}

describe('add_expense_interactive', () => {
  test.each([0, 1, 2, 3].flatMap(index => (['decline', 'cancel'] as const).map(action => ({ index, action }))))(
    'takes $action at question $index for an answer',
    async ({ index, action }) => {
      const client = await connect({ elicit: answering(index, { action }) });
      const result = await client.call('add_expense_interactive');
      expect(result.isError).toBeFalsy();
      expect(textOf(result)).toMatch(
        action === 'decline'
          ? /^Nothing was recorded: the user declined to answer: /
          : /^Nothing was recorded: the user cancelled: /,
      );
      expect(await table.scan()).toEqual([]);
    },
  );

  test('records nothing that is not confirmed', async () => {
    const client = await connect({ elicit: answering(3, { action: 'accept', content: { confirm: false } }) });
    expect(textOf(await client.call('add_expense_interactive'))).toBe(
      'Nothing was recorded: the expense was not confirmed.',
    );
    expect(await table.scan()).toEqual([]);
  });

  test.each([0, -1, 12.345])('refuses the amount %p', async amount => {
    const client = await connect({ elicit: answering(0, { action: 'accept', content: { amount } }) });
    const result = await client.call('add_expense_interactive');
    expect({ isError: result.isError, text: textOf(result) }).toEqual({
      isError: true,
      text: expect.stringContaining('`amount`') as string,
    });
  });

  test('stores cents, for the user it was asked for', async () => {
    const client = await connect({ elicit: answering(4, { action: 'cancel' }) });
    await client.call('add_expense_interactive', { userAlias: 'ada' });
    expect(await table.scan()).toMatchObject([{ userAlias: 'ada', amountCents: 1999 }]);
  });

  test('stores an expense once when a client sends the last round again', async () => {
    open();
    const round = async (call: object) =>
      (await (
        await handler.fetch(new Request(URL_OF_KIT, modernRequest({ name: 'add_expense_interactive', ...call })))
      ).json()) as {
        result: { requestState?: string; inputRequests?: Record<string, unknown>; content?: unknown };
      };
    let { result } = await round({});
    let last = {};
    for (const answer of ANSWERS) {
      last = {
        requestState: result.requestState,
        inputResponses: Object.fromEntries(Object.keys(result.inputRequests!).map(key => [key, answer])),
      };
      ({ result } = await round(last));
    }
    const again = await round(last);
    expect(again.result.content).toEqual(result.content);
    expect(await table.scan()).toHaveLength(1);
  });
});

describe('analyze_spending', () => {
  test('has nothing to ask about without expenses', async () => {
    const sample = jest.fn(() => 'x');
    const client = await connect({ sample });
    expect(textOf(await client.call('analyze_spending'))).toBe('me has no expenses yet.');
    expect(sample).not.toHaveBeenCalled();
  });

  test('shows the model the totals of all expenses and the latest of them', async () => {
    await table.put(
      ...Array.from({ length: 60 }, (_, index) => ({
        createdAt: new Date(Date.UTC(2026, 0, index + 1)).toISOString(),
        category: 'food' as const,
      })),
    );
    let prompt = '';
    const client = await connect({
      sample: text => {
        prompt = text;
        return 'Fine.';
      },
    });
    await client.call('analyze_spending');
    expect(prompt).toContain('- food: $60.00 in 60');
    expect(prompt.match(/expense \d+/g)).toHaveLength(50);
    expect(prompt).toContain('- 2026-03-01 $1.00 food: expense 59');
  });

  test('asks a model of Amazon Bedrock when the client has none', async () => {
    await table.put({});
    const requests: { url: string | undefined; body: Record<string, unknown> }[] = [];
    // The AWS SDK calls Bedrock over HTTP/2.
    bedrock = createServer((incoming, outgoing) => {
      void incoming.toArray().then(chunks => {
        requests.push({
          url: incoming.url,
          body: JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as Record<string, unknown>,
        });
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(
          JSON.stringify({
            output: { message: { role: 'assistant', content: [{ text: 'From the server.' }] } },
            stopReason: 'end_turn',
            usage: {},
            metrics: {},
          }),
        );
      });
    });
    bedrock.on('session', session => bedrockSessions.push(session));
    await new Promise<void>(resolve => bedrock!.listen(0, '127.0.0.1', resolve));
    process.env['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'] = `http://127.0.0.1:${(bedrock.address() as AddressInfo).port}`;
    const client = await connect({}, 'example.model-v1');
    expect(textOf(await client.call('analyze_spending'))).toBe(
      'From the server.\n\n(by example.model-v1, from 1 expense)',
    );
    expect(requests).toMatchObject([
      {
        url: '/model/example.model-v1/converse',
        body: { messages: [{ role: 'user' }], inferenceConfig: { maxTokens: 400 } },
      },
    ]);
  });

  test('says what is missing when there is no model at all', async () => {
    await table.put({});
    const result = await (await connect()).call('analyze_spending');
    expect({ isError: result.isError, text: textOf(result) }).toEqual({
      isError: true,
      text: expect.stringContaining('`BEDROCK_MODEL_ID` is not set') as string,
    });
  });
});

describe('generate_report', () => {
  test('adds up without drift', async () => {
    await table.put(
      { createdAt: '2026-09-01T00:00:00.000Z', amountCents: 10, category: 'food' },
      { createdAt: '2026-10-01T00:00:00.000Z', amountCents: 20, category: 'food' },
      { createdAt: '2026-10-02T00:00:00.000Z', amountCents: 10, category: 'transport' },
      { createdAt: '2026-11-01T00:00:00.000Z', amountCents: 30, category: 'transport', description: 'taxi' },
      { userAlias: 'somebody else', amountCents: 99_999 },
    );
    const result = await (await connect()).call('generate_report');
    expect(result.structuredContent).toEqual({
      userAlias: 'me',
      totalCents: 70,
      count: 4,
      byCategory: [
        { category: 'transport', totalCents: 40, count: 2 },
        { category: 'food', totalCents: 30, count: 2 },
      ],
      byMonth: [
        { month: '2026-09', totalCents: 10, count: 1 },
        { month: '2026-10', totalCents: 30, count: 2 },
        { month: '2026-11', totalCents: 30, count: 1 },
      ],
      biggest: [
        { expenseId: expect.any(String) as string, description: 'taxi', amountCents: 30 },
        ...[
          ['expense 1', 20],
          ['expense 0', 10],
          ['expense 2', 10],
        ].map(([description, amountCents]) => ({ expenseId: expect.any(String) as string, description, amountCents })),
      ],
      trendPercent: 50,
    });
    expect(textOf(result)).toBe(
      [
        'Expenses of me: $0.70 in 4 expenses',
        '',
        'By category:',
        '  transport: $0.40 (2)',
        '  food: $0.30 (2)',
        '',
        'By month:',
        '  2026-09: $0.10 (1)',
        '  2026-10: $0.30 (2)',
        '  2026-11: $0.30 (1)',
        '',
        'Biggest:',
        '  $0.30 taxi',
        '  $0.20 expense 1',
        '  $0.10 expense 0',
        '  $0.10 expense 2',
        '',
        'Last month against the mean of the months before: +50 %',
      ].join('\n'),
    );
  });

  test('reports on nothing', async () => {
    const result = await (await connect()).call('generate_report');
    expect(textOf(result)).toBe('Expenses of me: $0.00 in 0 expenses');
  });
});
