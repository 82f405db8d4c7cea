import { takesResponses } from '../../../server/src/http/accept';

test.each<[string, string | undefined, boolean]>([
  ['POST', undefined, true],
  ['POST', '*/*', true],
  ['POST', 'application/json, text/event-stream', true],
  ['POST', 'application/*, text/*', true],
  ['POST', 'Application/JSON;Q=1, TEXT/Event-Stream', true],
  ['POST', 'application/json', false],
  ['POST', 'text/event-stream', false],
  ['POST', '', false],
  ['POST', 'text/event-stream, application/json;q=0, application/*', false],
  ['GET', 'text/event-stream', true],
  ['GET', 'application/json', false],
  ['GET', 'text/event-stream;q=0, */*', false],
  ['GET', 'text/*; q = 0, */*;q=1', false],
  ['GET', 'text/event-stream;q=no', false],
  // Other parameters, also those whose name or value looks like one of quality, say nothing of it.
  ['GET', 'text/event-stream;xq=0;charset="q=0"', true],
  ['GET', 'text/event-stream;q=0;q=1', false],
  ['GET', 'text/event-stream;q=0, text/event-stream;q=0.5', true],
  ['GET', 'text/event-stream;q\t=\t0.5', true],
])('%s with `accept: %s` takes what it may be answered with: %s', (method, accept, takes) => {
  const headers = new Headers(accept === undefined ? [] : [['accept', accept]]);
  expect(takesResponses(new Request('http://127.0.0.1/mcp', { method, headers }))).toBe(takes);
});
