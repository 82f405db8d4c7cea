import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/server';
import { serve, type LogEntry, type McpListener } from 'stateful-mcp-server';
import { INITIALIZE, JSON_HEADERS } from '../kit';

let listener: McpListener | undefined;

afterEach(async () => {
  jest.restoreAllMocks();
  await listener?.close();
});

async function listen() {
  const log: LogEntry[] = [];
  const factory = jest.fn(() => new McpServer({ name: 'served', version: '1.0.0' }));
  const registered = jest.spyOn(McpServer.prototype, 'registerTool');
  listener = await serve(factory, { host: '127.0.0.1', port: 0, log: entry => log.push(entry) });
  return { factory, log, registered, url: listener.url };
}

const initialize = (url: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });

test('holds a session that nobody sees while a process waits for its first one', async () => {
  const handled = jest.spyOn(fs, 'openSync');
  const { factory, log, registered } = await listen();
  while (!handled.mock.calls.some(([file]) => file === '/dev/urandom')) {
    await delay(10);
  }
  expect(registered).toHaveBeenCalledTimes(1);
  await delay(50);
  expect(factory).not.toHaveBeenCalled();
  expect(log.map(({ event }) => event)).toEqual(['listening']);
});

test('holds none when there is a session already', async () => {
  const { url, registered } = await listen();
  expect((await initialize(url)).status).toBe(200);
  await delay(150);
  expect(registered).not.toHaveBeenCalled();
});

test('holds none once it is closed', async () => {
  const { registered } = await listen();
  await listener?.close();
  await delay(150);
  expect(registered).not.toHaveBeenCalled();
});
