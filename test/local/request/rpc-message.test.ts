import type { Exchange } from '../../../local/src/http/exchange';
import { isInitializeRequest, isLegacy, looksLikeMcp, rpcMethodOf } from '../../../local/src/request/rpc-message';
import { checked, mcpRequest } from '../checked';

/** The answer of a question about a request, once the beginning of its body has come. */
const asked = (question: (exchange: Exchange) => unknown, request: Request): Promise<unknown> =>
  checked(async exchange => {
    await exchange.body.readBeginning();
    return question(exchange);
  }, request);

test.each<[string, Record<string, string>, string | undefined]>([
  ['{"jsonrpc":"2.0","id":1,"method":"tools/call"}', {}, 'tools/call'],
  ['{"method" \n:\t"notifications/initialized"}', {}, 'notifications/initialized'],
  ['{"method":"tools/call"}', { 'mcp-method': 'tools/list' }, 'tools/list'],
  ['{"method":"tools/call"}', { 'mcp-method': '' }, 'tools/call'],
  [`{"method":"${'m'.repeat(100)}"}`, {}, 'm'.repeat(100)],
  [`{"method":"${'m'.repeat(101)}"}`, {}, undefined],
  ['{"method":""}', {}, undefined],
  ['{"method":"two words"}', {}, undefined],
  [`{"params":"${'x'.repeat(3000)}","method":"late"}`, {}, undefined],
  ['', {}, undefined],
])('the record names the method of %j with %j', async (body, headers, method) => {
  expect(await asked(rpcMethodOf, mcpRequest({ body, headers }))).toBe(method);
});

test.each<[string, Record<string, string>, boolean]>([
  ['{"jsonrpc":"2.0"}', {}, true],
  ['[{"jsonrpc" :\n"2.0"}]', {}, true],
  ['', { 'mcp-protocol-version': '2025-11-25' }, true],
  ['{"rpc":"2.0"}', {}, false],
  ['jsonrpc', {}, false],
  ['', { 'mcp-method': 'ping' }, false],
])('a request for no runtime is of MCP: %j with %j: %s', async (body, headers, expected) => {
  expect(await asked(looksLikeMcp, mcpRequest({ body, headers }))).toBe(expected);
});

test.each<[string | undefined, boolean]>([
  [undefined, true],
  ['', true],
  ['2024-11-05', true],
  ['2025-11-25', true],
  ['2026-07-27', true],
  ['2026-07-28', false],
  ['2027-01-01', false],
])('protocol version %s has sessions: %s', async (version, expected) => {
  const init = version === undefined ? {} : { headers: { 'mcp-protocol-version': version } };
  expect(await asked(isLegacy, mcpRequest(init))).toBe(expected);
});

const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize"}';

test.each<[string, RequestInit, boolean]>([
  ['by its body', { body: INITIALIZE }, true],
  ['in a batch', { body: `[{"method":"ping"},${INITIALIZE}]` }, true],
  ['by its header, whatever its body is', { body: '{"method":"ping"}', headers: { 'mcp-method': 'initialize' } }, true],
  ['with an empty header', { body: INITIALIZE, headers: { 'mcp-method': '' } }, true],
  ['another by its header', { body: INITIALIZE, headers: { 'mcp-method': 'ping' } }, false],
  ['another', { body: '{"method":"initialized"}' }, false],
  ['a batch of others', { body: '[{"method":"ping"},{"id":1},null,7]' }, false],
  ['an empty batch', { body: '[]' }, false],
  ['without a method', { body: '{"id":1}' }, false],
  ['null', { body: 'null' }, false],
  ['its name alone', { body: '"initialize"' }, false],
  ['broken', { body: INITIALIZE.slice(0, -1) }, false],
  ['without a body', {}, false],
  ['to another method', { body: INITIALIZE, method: 'PUT' }, false],
  ['GET, by its header', { method: 'GET', headers: { 'mcp-method': 'initialize' } }, false],
  [
    'of a version without sessions',
    { body: INITIALIZE, headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'initialize' } },
    false,
  ],
])('a request asks for a session: %s', async (_, init, expected) => {
  // Without anybody having read its body before.
  expect(await checked(isInitializeRequest, mcpRequest(init))).toBe(expected);
});
