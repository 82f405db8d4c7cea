// A test of a client with node:test. Run by `node --test`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LocalRuntime, ManualClock } from 'stateful-mcp-local';
import { newClient } from './client.mjs';

const clock = new ManualClock();
let runtime;
let url;

before(async () => {
  const server = fileURLToPath(new URL('server.mjs', import.meta.url));
  runtime = new LocalRuntime({ clock, runtimes: [{ name: 'words', command: [process.execPath, server] }] });
  await runtime.ready;
  url = `${(await runtime.listen()).url}/mcp`;
});
after(() => runtime.close());

test('the client starts again when its session has idled for fifteen minutes', async () => {
  const client = newClient(url);
  assert.deepEqual(await client.remember('red'), ['red']);
  assert.deepEqual(await client.remember('blue'), ['red', 'blue']);
  const stopped = new Promise(resolve => runtime.events.once('session-stopped', resolve));
  clock.advance(15 * 60_000);
  assert.equal((await stopped).reason, 'idle-timeout');
  assert.deepEqual(await client.remember('green'), ['green']);
});
