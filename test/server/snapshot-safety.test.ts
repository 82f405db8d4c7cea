import crypto from 'node:crypto';
import fs from 'node:fs';
import { closeKits, initialize, modernCall, openKit, type Kit } from './kit';
import { REQUEST_STATE_KEY_VARIABLE } from 'stateful-mcp-contract';
import { interactive } from 'stateful-mcp-server';
import * as z from 'zod';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeKits();
});

function kit() {
  return openKit(server => {
    server.registerTool(
      'ask',
      { description: 'Asks.', inputSchema: z.object({}) },
      interactive(async (_args, io) => ({
        content: [{ type: 'text', text: (await io.elicit('Well?', z.object({ a: z.string() }))).action }],
      })),
    );
  });
}

/**
 * Every generator of the process gives the same again and again, as it does in instances that were restored from one
 * snapshot.
 */
function freezeGenerators(): void {
  const frozen = Buffer.alloc(64, 7);
  jest.spyOn(crypto, 'randomUUID').mockReturnValue('07070707-0707-4707-8707-070707070707');
  jest.spyOn(crypto.webcrypto, 'getRandomValues').mockImplementation(array => array);
  jest.spyOn(crypto, 'randomBytes').mockImplementation((size: number) => frozen.subarray(0, size));
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  jest.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
}

test('draws nothing random before the first request, and then from the kernel', async () => {
  const open = jest.spyOn(fs, 'openSync');
  const generators = [
    jest.spyOn(crypto, 'randomUUID'),
    jest.spyOn(crypto, 'randomBytes'),
    jest.spyOn(Math, 'random'),
    jest.spyOn(Date, 'now'),
  ];
  const started = kit();
  expect([open, ...generators].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0, 0, 0]);
  await initialize(started);
  expect(open).toHaveBeenCalledWith('/dev/urandom', 'r');
});

/** What a process does before its snapshot: nothing, or the warm-up that the platform asks for. */
const BEFORE: [string, (restored: Kit) => Promise<void>][] = [
  ['as it started', async () => {}],
  [
    'after a warm-up',
    async ({ fetch }) => {
      expect((await fetch('http://kit.test/warmup', { method: 'POST' })).status).toBe(200);
    },
  ],
];

test.each(BEFORE)('instances of one snapshot %s never give the same session id', async (_, prepare) => {
  freezeGenerators();
  const instances = [kit(), kit(), kit()];
  await Promise.all(instances.map(prepare));
  const ids = await Promise.all(instances.map(restored => initialize(restored)));
  expect(new Set(ids).size).toBe(3);
});

test.each(BEFORE)('instances of one snapshot %s share no key that nobody gave them', async (_, prepare) => {
  freezeGenerators();
  const [one, two] = [kit(), kit()];
  await Promise.all([prepare(one), prepare(two)]);
  const { result } = await modernCall(one, { name: 'ask' });
  const next = { name: 'ask', requestState: result!.requestState, inputResponses: { q0: { action: 'cancel' } } };
  expect((await modernCall(two, next)).error).toMatchObject({ code: -32602 });
  expect((await modernCall(one, next)).result!.content![0]!.text).toBe('cancel');
});

test('a key that is set after the warm-up counts: the warm-up has kept none', async () => {
  const restored = kit();
  await restored.fetch('http://kit.test/warmup', { method: 'POST' });
  process.env[REQUEST_STATE_KEY_VARIABLE] = crypto.randomBytes(32).toString('base64');
  try {
    const { result } = await modernCall(restored, { name: 'ask' });
    const next = { name: 'ask', requestState: result!.requestState, inputResponses: { q0: { action: 'cancel' } } };
    expect((await modernCall(kit(), next)).result!.content![0]!.text).toBe('cancel');
  } finally {
    delete process.env[REQUEST_STATE_KEY_VARIABLE];
  }
});
