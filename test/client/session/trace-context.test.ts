import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { connect, type TraceOption } from 'stateful-mcp-client';
import { closeRuntimes, deploy, said, type Deployed } from '../deployed';

afterEach(async () => {
  context.disable();
  propagation.disable();
  await closeRuntimes();
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

interface Seen {
  readonly meta?: Record<string, string>;
  readonly headers: Record<string, string>;
}

async function seenWith({ origin }: Deployed, option?: TraceOption, times = 1): Promise<Seen[]> {
  await using client = await connect({ target: `${origin}/mcp`, ...(option !== undefined && { trace: option }) });
  const seen: Seen[] = [];
  for (let call = 0; call < times; call += 1) {
    seen.push(said(await client.callTool('describe')) as Seen);
  }
  return seen;
}

test('a given context is in `_meta` and in the headers, as it is', async () => {
  const given = { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'team=finance' };
  const [seen] = await seenWith(await deploy(), given);
  expect(seen?.meta).toMatchObject(given);
  expect(seen?.headers.traceparent ?? PARENT).toBe(PARENT);
});

test('a context of its own is one trace with a parent for each request', async () => {
  const seen = await seenWith(await deploy(), 'generate', 2);
  const parents = seen.map(({ meta }) => meta?.traceparent ?? '');
  expect(parents[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(new Set(parents).size).toBe(2);
  expect(new Set(parents.map(parent => parent.split('-')[1])).size).toBe(1);
});

test('the active context of OpenTelemetry is sent without being asked for', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const deployed = await deploy();
  const active = propagation.setBaggage(
    trace.setSpanContext(context.active(), { traceId: TRACE, spanId: 'b7ad6b7169203331', traceFlags: 1 }),
    propagation.createBaggage({ team: { value: 'finance' } }),
  );
  const [seen] = await context.with(active, () => seenWith(deployed));
  expect(seen?.meta).toMatchObject({ traceparent: PARENT, baggage: 'team=finance' });
});

test.each<[string, TraceOption | undefined]>([
  ['no OpenTelemetry', undefined],
  ["'none'", 'none'],
  ['a function that has none', () => undefined],
])('with %s nothing is added', async (_, option) => {
  const [seen] = await seenWith(await deploy(), option);
  expect(seen?.meta?.traceparent).toBeUndefined();
});

test('a context that is none is refused', async () => {
  await expect(connect({ target: 'http://127.0.0.1:1/mcp', trace: { traceparent: 'trace-1' } })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});
