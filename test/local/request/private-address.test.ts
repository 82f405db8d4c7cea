import { withoutPrivateAddress } from '../../../local/src/request/private-address';

const PORT = 23_456;

test.each([
  ['Location', 'http://127.0.0.1:23456/mcp/', '/mcp/'],
  ['Location', 'http://LOCALHOST:23456', '/'],
  ['Location', '//127.0.0.1:23456/a?b#c', '/a?b#c'],
  ['Location', 'http://0.0.0.0:23456?x', '/?x'],
  ['Content-Location', 'http://[::1]:23456/mcp', '/mcp'],
  ['Link', '<http://127.0.0.1:23456/a>; rel="a", <http://localhost:23456/b>; rel="b"', '</a>; rel="a", </b>; rel="b"'],
  ['Refresh', '0; url=http://127.0.0.1:23456/next', '0; url=/next'],
  ['WWW-Authenticate', 'Bearer resource_metadata="http://user@127.0.0.1:23456/x"', 'Bearer resource_metadata="/x"'],
  ['Set-Cookie', 'back=ws://127.0.0.1:23456/ws', 'back=/ws'],
])('a URL to the process of a session becomes relative: %s: %s', (name, value, expected) => {
  expect(withoutPrivateAddress([name, value], PORT)).toEqual([name, expected]);
});

test.each(['127.0.0.1:23456', 'served by localhost:23456, in 3 ms', '[::1]:23456'])(
  'what names it otherwise is left out: %s',
  value => {
    expect(withoutPrivateAddress(['X-Server', value, 'X-Other', 'kept'], PORT)).toEqual(['X-Other', 'kept']);
  },
);

test.each([
  'http://127.0.0.1:2345/mcp',
  'http://127.0.0.1:234567/mcp',
  'http://example.com:23456/mcp',
  'http://my127.0.0.1:23456/mcp',
  'urn:23456',
])('other addresses stay: %s', value => {
  expect(withoutPrivateAddress(['Location', value], PORT)).toEqual(['Location', value]);
});
