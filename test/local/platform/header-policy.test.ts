import { allowlistProblem, HeaderPolicy } from '../../../local/src/platform/header-policy';

/** The names that reach the server, and what is noted about the others. */
function handedOn(allowlist: readonly string[] | 'all', headers: readonly (readonly [string, string])[]) {
  const notes: string[] = [];
  const kept = new HeaderPolicy(allowlist, line => notes.push(line)).forServer(headers.flat());
  return { names: kept.filter((_, index) => index % 2 === 0), notes };
}

const named = (...names: string[]): (readonly [string, string])[] => names.map(name => [name, '1'] as const);

// A server by WSGI or CGI reads both as one, and the wrong one may be the one that it believes.
test.each([
  'mcp_session_id',
  'Mcp-Session_Id',
  'mcp_name',
  'x_amzn_bedrock_agentcore_runtime_session_id',
  'X-Amzn_Trace-Id',
  'content_length',
  'Content_Type',
  'transfer_encoding',
  'host_',
])('a name that stands for one of the platform does not reach the server: %s', name => {
  for (const allowlist of ['all', [name]] as const) {
    expect(handedOn(allowlist, named(name, 'mcp-method')).names).toEqual(['mcp-method']);
  }
});

test.each(['x_custom', 'my_mcp_name', 'x_content', 'contents_of', 'hosting_id', 'tenant_host'])(
  'a name with an underscore of its own does: %s',
  name => {
    expect(handedOn([name], named(name)).names).toEqual([name]);
    expect(handedOn('all', named(name)).names).toEqual([name]);
  },
);

test.each(['Host', 'Origin', 'Expect', 'Content-Length', 'Transfer-Encoding', 'Proxy-Authorization', 'TE', 'Upgrade'])(
  'what is not for the server does not reach it by an allowlist, or without one: %s',
  name => {
    for (const allowlist of ['all', [name]] as const) {
      expect(handedOn(allowlist, named(name)).names).toEqual([]);
    }
  },
);

test.each(['x-mcp-', 'amcp-name', 'x-mcp-name', 'mcp'])('only what begins like a header of MCP is one: %s', name => {
  expect(handedOn(['x-other'], named(name)).names).toEqual([]);
});

test('an allowlist is asked whatever the case of a name, and for values up to 4 KB', () => {
  const headers = [
    ['X-Tenant', 'a'],
    ['x-exact', 'x'.repeat(4096)],
    ['x-long', 'x'.repeat(4097)],
  ] as const;
  const { names, notes } = handedOn(['x-TENANT', 'X-Exact', 'X-Long'], headers);
  expect(names).toEqual(['X-Tenant', 'x-exact']);
  expect(notes).toEqual(['the header x-long is longer than 4096 bytes and does not reach the server']);
});

test('what is left out is noted once for each name, at most 100 names, and not what everybody sends', () => {
  const many = Array.from({ length: 150 }, (_, index) => `x-${index}`);
  const { names, notes } = handedOn(['x-tenant'], named(...many, ...many));
  expect(names).toEqual([]);
  expect(notes).toHaveLength(100);
  expect(new Set(notes).size).toBe(100);
  const usual = ['sec-fetch-mode', 'x-amz-date', 'x-amzn-other', 'authorization', 'user-agent'];
  expect(handedOn(['x-tenant'], named(...usual)).notes).toEqual([]);
  expect(handedOn(['x-tenant'], named('authorization-info', 'my-sec-id')).notes).toHaveLength(2);
});

const CUSTOM = 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-';
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `x-${index}`);

test.each<[string, readonly string[], boolean, string | undefined]>([
  ['20 names', names(20), false, undefined],
  ['21 names', names(21), false, 'it must name 1 to 20 headers, got 21'],
  ['no name', [], true, 'it must name 1 to 20 headers, got 0'],
  ['a custom header', [`${CUSTOM}Tenant`], false, undefined],
  ['one that ends like custom headers', [`X-Amzn-${CUSTOM}`], false, `X-Amzn-${CUSTOM} is restricted`],
  ['a header of AWS', ['x-amz-meta'], true, 'x-amz-meta is restricted'],
  ['one that only contains it', ['my-x-amz-', 'my-x-amzn-'], false, undefined],
  ['a restricted one behind others', ['x-a', 'x-b', 'COOKIE'], true, 'COOKIE is restricted'],
  ['the same twice, apart', ['x-a', 'x-b', 'X-A'], false, 'X-A is named twice'],
  ['Authorization with an authorizer', ['AUTHORIZATION'], true, undefined],
  ['Authorization without', ['x-a', 'authorization'], false, 'Authorization needs a custom JWT authorizer'],
])('an allowlist with %s', (_what, allowlist, hasJwtAuthorizer, problem) => {
  expect(allowlistProblem(allowlist, hasJwtAuthorizer)).toBe(problem);
});
