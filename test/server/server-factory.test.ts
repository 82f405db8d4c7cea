import { McpServer } from '@modelcontextprotocol/server';
import { createMcpFetchHandler, type McpServerFactory } from 'stateful-mcp-server';
import { echo, INITIALIZE, JSON_HEADERS, closeKits, modernRequest, URL_OF_KIT } from './kit';

afterEach(closeKits);

describe('a factory', () => {
  function handlerOf(factory: McpServerFactory) {
    const log: unknown[] = [];
    return {
      log,
      handler: createMcpFetchHandler(factory, {
        log: ({ event, ...entry }) => {
          if (event === 'request-failed') {
            log.push({ event, ...entry });
          }
        },
      }),
    };
  }

  test.each<[string, McpServerFactory]>([
    [
      'that throws',
      () => {
        throw new Error('no database');
      },
    ],
    ['that gives something else', () => ({}) as McpServer],
  ])('%s: 500 to the client, the reason in the log, in both eras', async (_name, factory) => {
    const { log, handler } = handlerOf(factory);
    const legacy = await handler.fetch(
      new Request(URL_OF_KIT, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) }),
    );
    const modern = await handler.fetch(new Request(URL_OF_KIT, modernRequest({ name: 'echo' })));
    expect([legacy.status, modern.status]).toEqual([500, 500]);
    expect(await legacy.json()).toEqual({
      jsonrpc: '2.0',
      id: 0,
      error: { code: -32603, message: 'Internal server error' },
    });
    expect(log).toEqual(
      [1, 2].map(
        () =>
          expect.objectContaining({
            event: 'request-failed',
            message: expect.stringMatching(/no database|the factory must return a `McpServer`/) as string,
          }) as unknown,
      ),
    );
  });

  test('that gives the same server twice is told to make a new one', async () => {
    const server = new McpServer({ name: 'one', version: '1.0.0' });
    const { log, handler } = handlerOf(() => server);
    const open = async () =>
      (
        await handler.fetch(
          new Request(URL_OF_KIT, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) }),
        )
      ).status;
    expect([await open(), await open()]).toEqual([200, 500]);
    expect(log).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('that is in use: make a new one in every call') as string,
      }),
    ]);
    await handler.close();
  });

  test('is told the era and who asks', async () => {
    const contexts: unknown[] = [];
    const { handler } = handlerOf(({ era, authInfo, requestInfo }) => {
      contexts.push([era, authInfo?.clientId, requestInfo?.headers.get('x-test')]);
      const server = new McpServer({ name: 'one', version: '1.0.0' });
      echo(server);
      return server;
    });
    const authInfo = { token: 't', clientId: 'me', scopes: [] };
    const legacy = { method: 'POST', headers: { ...JSON_HEADERS, 'x-test': 'a' }, body: JSON.stringify(INITIALIZE) };
    await handler.fetch(new Request(URL_OF_KIT, legacy), { authInfo });
    await handler.fetch(new Request(URL_OF_KIT, modernRequest({ name: 'echo' })));
    expect(contexts).toEqual([
      ['legacy', 'me', 'a'],
      ['modern', undefined, null],
    ]);
    await handler.close();
  });
});
