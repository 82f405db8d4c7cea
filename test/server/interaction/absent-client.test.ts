import * as z from 'zod';
import { interactive, type Interaction, type InteractiveOptions } from 'stateful-mcp-server';
import { closeKits, initialize, modernRequest, openKit, post, URL_OF_KIT, type Kit } from '../kit';

afterEach(closeKits);

/** A tool that reports once its client is gone, and what came of that. */
function reportingKit(options: InteractiveOptions = {}) {
  let start!: () => void;
  const started = new Promise<void>(resolve => {
    start = resolve;
  });
  let leave!: () => void;
  const left = new Promise<void>(resolve => {
    leave = resolve;
  });
  let tell!: (reported: unknown) => void;
  const reported = new Promise<unknown>(resolve => {
    tell = resolve;
  });
  const report = async (io: Interaction): Promise<boolean> => {
    await io.progress(1);
    await io.log('info', 'cleaned up');
    return io.signal.aborted;
  };
  const kit = openKit(server => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        start();
        await left;
        tell(await report(io).catch((error: unknown) => error));
        return { content: [] };
      }, options),
    );
  });
  return { kit, started, leave, reported };
}

const META = { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' };

test.each(['replay', 'park'] as const)('%s: a handler may report to a client that went away', async modernMode => {
  const { kit, started, leave, reported } = reportingKit({ modernMode });
  const client = new AbortController();
  const answer = kit.fetch(URL_OF_KIT, modernRequest({ name: 'tool', meta: META }, client.signal));
  await started;
  client.abort();
  await (await answer).text().catch(() => undefined);
  leave();
  expect(await reported).toBe(true);
});

test('legacy: a handler may report to a client that ended its session', async () => {
  const { kit, started, leave, reported } = reportingKit();
  const session = { 'mcp-session-id': await initialize(kit) };
  const params = { name: 'tool', arguments: {}, _meta: { progressToken: 'p' } };
  const answer = post(kit, { jsonrpc: '2.0', id: 7, method: 'tools/call', params }, session);
  await started;
  await kit.fetch(URL_OF_KIT, { method: 'DELETE', headers: session });
  await (await answer).text();
  leave();
  expect(await reported).toBe(true);
});

test('what a handler logs has to be JSON, all the same', async () => {
  let failure: unknown;
  const kit: Kit = openKit(server => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        failure = await io.log('info', 1n).catch((error: unknown) => error);
        return { content: [] };
      }),
    );
  });
  await (await kit.fetch(URL_OF_KIT, modernRequest({ name: 'tool', meta: META }))).text();
  expect(failure).toBeInstanceOf(TypeError);
});
