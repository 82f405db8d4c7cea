import crypto from 'node:crypto';
import fs from 'node:fs';
import { closeKits, initialize, modernCall, openKit } from './kit';
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

test('instances restored from one snapshot never give the same session id', async () => {
  freezeGenerators();
  const ids = await Promise.all([kit(), kit(), kit()].map(restored => initialize(restored)));
  expect(new Set(ids).size).toBe(3);
});

test('instances restored from one snapshot do not share a key that nobody gave them', async () => {
  freezeGenerators();
  const [one, two] = [kit(), kit()];
  const { result } = await modernCall(one, { name: 'ask' });
  const next = { name: 'ask', requestState: result!.requestState, inputResponses: { q0: { action: 'cancel' } } };
  expect((await modernCall(two, next)).error).toMatchObject({ code: -32602 });
  expect((await modernCall(one, next)).result!.content![0]!.text).toBe('cancel');
});
