import { withoutNullMembers } from '../../../server/src/common/null-members';

type Case = [string, Record<string, unknown>, Record<string, unknown>];

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CLIENT = 'io.modelcontextprotocol/clientInfo';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

test.each<Case>([
  ['parameters', { id: 1, params: null }, { id: 1 }],
  ['a parameter', { params: { a: null, b: 0, c: '', d: false } }, { params: { b: 0, c: '', d: false } }],
  ['what is inside', { params: { a: { b: null, c: { d: null } } } }, { params: { a: { c: {} } } }],
  ['what is in a list', { params: { a: [{ b: null }, 'x'] } }, { params: { a: [{}, 'x'] } }],
  ['the id of a notification', { id: null, method: 'notifications/a' }, { method: 'notifications/a' }],
  ['the result beside an error', { result: null, error: { code: 1 } }, { error: { code: 1 } }],
  ['the error beside a result', { result: {}, error: null }, { result: {} }],
  ['a member of a result', { result: { a: null, b: [{ c: null }] } }, { result: { b: [{}] } }],
  [
    'an argument of a prompt',
    { method: 'prompts/get', params: { arguments: { a: null } } },
    {
      method: 'prompts/get',
      params: { arguments: {} },
    },
  ],
  [
    'an argument of a completion, wherever it is',
    {
      method: 'completion/complete',
      params: { context: { arguments: { a: null } }, list: [{ arguments: { a: null } }] },
    },
    { method: 'completion/complete', params: { context: { arguments: {} }, list: [{ arguments: {} }] } },
  ],
  ['metadata', { params: { _meta: { a: null, b: 1 } } }, { params: { _meta: { b: 1 } } }],
  [
    'experiments',
    { params: { capabilities: { experimental: { a: null, b: {} } } } },
    {
      params: { capabilities: { experimental: { b: {} } } },
    },
  ],
  [
    'extensions',
    { params: { capabilities: { extensions: { a: null, b: {} } } } },
    {
      params: { capabilities: { extensions: { b: {} } } },
    },
  ],
  [
    'what the protocol defines inside of metadata',
    { params: { _meta: { [CLIENT]: { title: null }, [CAPABILITIES]: { sampling: { tools: null } } } } },
    { params: { _meta: { [CLIENT]: {}, [CAPABILITIES]: { sampling: {} } } } },
  ],
])('%s: null is absent', (_where, message, cleaned) => {
  const before = structuredClone(message);
  expect(withoutNullMembers(message)).toStrictEqual(cleaned);
  expect(withoutNullMembers([message, 'x', message])).toStrictEqual([cleaned, 'x', cleaned]);
  expect(message).toEqual(before);
});

test.each<unknown>([
  'x',
  null,
  [null, 5],
  { id: null, method: 'tools/list' },
  { id: null, result: {} },
  { id: 5, method: 'notifications/a' },
  { method: null },
  { params: 'x' },
  { params: [{ a: null }] },
  { result: 'x' },
  { result: null },
  { result: null, error: null },
  { result: null, error: 'x' },
  { result: 'x', error: null },
  { error: null },
  { result: { a: 1 }, error: { code: 1 } },
  { error: { code: 1, data: null } },
  { params: { list: [null, 'x', 5] } },
  { method: 'tools/call', params: { arguments: { a: null, b: [{ c: null }] } } },
  { method: 'tools/call', params: { arguments: 'x' } },
  { method: 'prompts/get', params: { input: { a: null } } },
  { result: { structuredContent: { a: null } } },
  { result: { content: [{ type: 'tool_use', input: { a: null } }] } },
  { params: { _meta: 'x', capabilities: { experimental: 'x', extensions: [null] } } },
  { params: { _meta: { 'example.com/own': { a: null }, [VERSION]: null, [CLIENT]: null, [CAPABILITIES]: null } } },
  { params: { _meta: { [VERSION]: '2026-07-28' } } },
  { params: { capabilities: { experimental: { a: { b: null } }, extensions: { a: { b: null } } } } },
])('%j stays as it is', message => {
  expect(withoutNullMembers(message)).toStrictEqual(message);
});

test('a member may have any name', () => {
  const message = JSON.parse('{"params":{"__proto__":{"a":null},"_meta":{"__proto__":1}}}') as unknown;
  expect(JSON.stringify(withoutNullMembers(message))).toBe('{"params":{"__proto__":{},"_meta":{"__proto__":1}}}');
});

test('what is left can be changed', () => {
  const message = withoutNullMembers({ params: { a: 1, b: null } }) as { params: { a?: number } };
  message.params.a = 2;
  expect(message).toEqual({ params: { a: 2 } });
  delete message.params.a;
  expect(message).toEqual({ params: {} });
});
