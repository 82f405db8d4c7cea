import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalRuntimeDefinition } from 'stateful-mcp-local';
import { newFolder } from '../assembly';
import { sessionServer, startRuntime } from '../running';

/** Draws once at start-up and once for each request. */
const SERVER = (imports: string): string => `
  ${imports}
  const draw = () => ({
    id: randomUUID(), bytes: randomBytes(8).toString('hex'), number: Math.random(), time: Date.now(), date: new Date().getTime(), int: randomInt(1e9),
    web: Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(8))).toString('hex'), webId: globalThis.crypto.randomUUID(),
  });
  const captured = draw();
  createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 1, result: { captured, fresh: draw(), seed: process.env.STATEFUL_MCP_SNAPSHOT_SEED } }));
  }).listen(process.env.PORT, process.env.HOST);
`;
const COMMON =
  "const { randomUUID, randomBytes, randomInt } = require('node:crypto'); const { createServer } = require('node:http');";
const MODULE =
  "import { randomUUID, randomBytes, randomInt } from 'node:crypto'; import { createServer } from 'node:http';";

type Draw = Record<string, unknown>;

async function twoSessions(
  definition: Partial<LocalRuntimeDefinition>,
  file = 'server.cjs',
  imports = COMMON,
): Promise<{ captured: Draw; fresh: Draw; seed?: string }[]> {
  const script = path.join(newFolder(), file);
  writeFileSync(script, SERVER(imports));
  const { endpoint } = await startRuntime({
    runtimes: [{ name: 'drawing', command: [process.execPath, script], ...definition }],
    pooledProcesses: 0,
  });
  const results: { captured: Draw; fresh: Draw }[] = [];
  for (const sessionId of ['one', 'other']) {
    const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, sessionId);
    results.push(((await response.json()) as { result: { captured: Draw; fresh: Draw } }).result);
  }
  return results;
}

test.each([
  ['CommonJS', 'server.cjs', COMMON],
  ['ES module', 'server.mjs', MODULE],
])('with V2, what a server captures at start-up is the same in every session (%s)', async (_, file, imports) => {
  const [one, other] = await twoSessions({ platformVersion: 'V2' }, file, imports);
  expect(one?.captured).toEqual(other?.captured);
  expect(one?.captured).toMatchObject({
    time: Date.UTC(2026, 0, 1),
    date: Date.UTC(2026, 0, 1),
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/) as string,
  });
  for (const name of ['id', 'bytes', 'number', 'int', 'web', 'webId']) {
    expect(one?.fresh[name]).not.toEqual(other?.fresh[name]);
  }
  expect(Math.abs(Date.now() - Number(one?.fresh.time))).toBeLessThan(60_000);
  expect(one?.seed).toBeUndefined();
});

const EVERY_DRAW = `
  const { randomFillSync, randomFill, randomInt, pseudoRandomBytes, generateKeySync, generateKey, generateKeyPairSync, webcrypto: { subtle } } = require('node:crypto');
  const { promisify } = require('node:util');
  const { createServer } = require('node:http');
  const hex = bytes => Buffer.from(bytes).toString('hex');
  const draw = async () => ({
    filled: hex(randomFillSync(Buffer.alloc(8), 2, 4)), words: hex(randomFillSync(new Uint16Array(4), 1).buffer), later: hex(await promisify(randomFill)(Buffer.alloc(8), 1)),
    int: await promisify(randomInt)(1e9), old: hex(pseudoRandomBytes(8)), hmac: generateKeySync('hmac', { length: 256 }).export().toString('hex'),
    aes: (await promisify(generateKey)('aes', { length: 128 })).export().toString('hex'),
    web: hex(await subtle.exportKey('raw', await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']))),
    sign: hex(await subtle.exportKey('raw', await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']))),
  });
  (async () => {
    const captured = await draw();
    generateKeyPairSync('ed25519');
    createServer(async (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 1, result: { captured, fresh: await draw() } }));
    }).listen(process.env.PORT, process.env.HOST);
  })();
`;

test('fills, callbacks, aliases and secret keys come from the snapshot, too; a key pair is warned of', async () => {
  const script = path.join(newFolder(), 'server.cjs');
  writeFileSync(script, EVERY_DRAW);
  const definition: LocalRuntimeDefinition = {
    name: 'drawing',
    command: [process.execPath, script],
    platformVersion: 'V2',
  };
  const { endpoint, log } = await startRuntime({ runtimes: [definition], pooledProcesses: 0 });
  const [one, other] = await Promise.all(
    ['one', 'other'].map(
      async id =>
        (
          (await (await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, id)).json()) as {
            result: { captured: Draw; fresh: Draw };
          }
        ).result,
    ),
  );
  expect(one?.captured).toEqual(other?.captured);
  expect(one?.captured).toMatchObject({
    filled: expect.stringMatching(/^0000(?!00000000).{8}0000$/) as string,
    words: expect.stringMatching(/^0000(?!0{12}).{12}$/) as string,
  });
  for (const name of Object.keys(one?.captured ?? {})) {
    expect(one?.fresh[name]).not.toEqual(other?.fresh[name]);
  }
  expect(
    log.filter(({ line }) => line.startsWith('snapshot mode: a key pair is generated before the first request')),
  ).toHaveLength(2);
});

test("the server's own options of Node.js stay", async () => {
  const { endpoint } = await startRuntime({
    runtimes: [sessionServer({ platformVersion: 'V2', environment: { NODE_OPTIONS: '--stack-trace-limit=7' } })],
    pooledProcesses: 0,
  });
  const { environment } = await endpoint.describe(await endpoint.initialize());
  expect(environment.NODE_OPTIONS).toMatch(/^--stack-trace-limit=7 --require /);
});

test('without it, nothing is shared', async () => {
  const [one, other] = await twoSessions({});
  for (const name of ['id', 'bytes', 'number', 'int', 'web', 'webId']) {
    expect(one?.captured[name]).not.toEqual(other?.captured[name]);
  }
});
