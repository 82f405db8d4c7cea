import { bearer, connect } from 'stateful-mcp-client';
import { closeServers, initialized, scriptedServer } from '../servers';

afterEach(closeServers);

/** A server that takes certain tokens, and the ones that it saw. */
async function protectedServer(takes: string[]): Promise<{ url: string; seen: unknown[] }> {
  const seen: unknown[] = [];
  const { url } = await scriptedServer(({ id, method }, { method: verb, headers }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    seen.push(headers.authorization);
    if (!takes.some(token => headers.authorization === `Bearer ${token}`)) {
      return { status: 401, headers: { 'www-authenticate': 'Bearer' } };
    }
    if (method === 'initialize') {
      return initialized(id);
    }
    return id === undefined ? { status: 202 } : { body: { jsonrpc: '2.0', id, result: {} } };
  });
  return { url, seen };
}

test('sends a token with every request', async () => {
  const { url, seen } = await protectedServer(['one']);
  await using client = await connect({ target: url, auth: bearer('one') });
  await client.ping();
  expect(new Set(seen)).toEqual(new Set(['Bearer one']));
});

test('asks for a token with every request, and once more when it is refused', async () => {
  const tokens = ['one', 'two', 'three', 'three', 'three', 'three'];
  const { url, seen } = await protectedServer(['two', 'three']);
  await using client = await connect({ target: url, auth: bearer(() => tokens.shift() ?? 'three') });
  await client.ping();
  expect(seen).toEqual(['Bearer one', 'Bearer two', 'Bearer three', 'Bearer three']);
});

test.each([
  ['a text', 'old'],
  ['a function that has no other', () => Promise.resolve('old')],
])('a refused token of %s is an error, and never in its text', async (_, token) => {
  const { url, seen } = await protectedServer(['new']);
  const refused = connect({ target: url, auth: bearer(token) });
  await expect(refused).rejects.toMatchObject({ httpStatus: 401 });
  await expect(refused).rejects.not.toThrow('old');
  expect(seen).toEqual(['Bearer old']);
});

test.each([
  ['', 'ERR_INVALID_OPTION'],
  ['Bearer abc', 'ERR_INVALID_OPTION'],
  ['a\r\nx: y', 'ERR_INVALID_OPTION'],
])('refuses the token %j', (token, code) => {
  expect(() => bearer(token)).toThrow(expect.objectContaining({ code }) as Error);
});

test('a function that fails, or gives back no token, is an error', async () => {
  const { url } = await protectedServer([]);
  const failing = (): never => {
    throw new Error('no vault');
  };
  await expect(connect({ target: url, auth: bearer(failing) })).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS',
    message: expect.stringContaining('no vault') as string,
  });
  await expect(connect({ target: url, auth: bearer(() => undefined as never) })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});

test('only a 401 asks for another token, and the refused answer is let go', async () => {
  const url = new URL('https://mcp.example.com/mcp');
  const given = ['one', 'two', 'three'];
  const answers = [403, 401, 200].map(status => new Response('what', { status }));
  const [forbidden, refused] = [...answers];
  const send = bearer(() => given.shift() ?? '').authorized(() => Promise.resolve(answers.shift() as Response), {
    url,
  });
  expect(await send(url)).toBe(forbidden);
  expect((await send(url)).status).toBe(200);
  expect([forbidden?.bodyUsed, refused?.bodyUsed, given.length]).toEqual([false, true, 0]);
});
