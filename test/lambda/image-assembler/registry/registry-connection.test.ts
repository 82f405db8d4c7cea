import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { encryptedServer } from '../../encrypted-server';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type Fault, type FaultyRegistry } from '../faulty-registry';

// Which answers of a registry lead elsewhere, and which demands are met.

const { signal } = new AbortController();
let registry: FaultyRegistry;
let elsewhere: FaultyRegistry;

beforeEach(async () => {
  registry = await startFaultyRegistry();
  elsewhere = await startFaultyRegistry();
});
afterEach(async () => {
  closeTransports();
  await registry.close();
  await elsewhere.close();
});

const ABC = { mediaType: 'application/octet-stream', digest: digestOf('abc'), size: 3 };
const ofAbc = () => Readable.from([Buffer.from('abc')]);

/** Has the registry answer everything by a status and the place elsewhere. */
function lead(status: number): void {
  registry.intercept = ({ url }) => ({ status, headers: { location: new URL(url ?? '', elsewhere.url).href } });
}

test.each([301, 302, 303, 307, 308])('what is read is read where status %s leads', async status => {
  const descriptor = elsewhere.addBlob('abc');
  lead(status);
  expect((await baseClient(registry).getBlob(descriptor, signal)).toString()).toBe('abc');
  expect(await targetClient(registry).hasBlob(descriptor.digest, signal)).toBe(true);
  expect(elsewhere.requests.map(request => request.split(' ')[0])).toEqual(['GET', 'HEAD']);
});

test.each([300, 304, 400])('status %s leads nowhere, whatever place it names', async status => {
  lead(status);
  await expect(baseClient(registry).getBlob(elsewhere.addBlob('abc'), signal)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    message: expect.stringContaining(`with status ${status}`) as string,
  });
  expect(elsewhere.requests).toEqual([]);
});

test('a redirect to no place is a refusal', async () => {
  registry.intercept = () => ({ status: 307 });
  await expect(baseClient(registry).getBlob(registry.addBlob('abc'), signal)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    message: expect.stringContaining('with status 307') as string,
  });
  expect(registry.requests).toHaveLength(1);
});

test.each(['POST', 'PUT'])('what is written by %s is written to no other place', async method => {
  const descriptor = elsewhere.addBlob('abc');
  registry.intercept = request =>
    request.method === method ? { status: 307, headers: { location: elsewhere.url.href } } : undefined;
  await expect(targetClient(registry).putBlob(descriptor, ofAbc, signal)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
  });
  expect(elsewhere.requests).toEqual([]);
});

test.each<[string, number, () => Promise<unknown>]>([
  ['a redirect', 307, () => baseClient(registry).findManifest('1', signal)],
  ['the place of an upload', 202, () => targetClient(registry).putBlob(ABC, ofAbc, signal, { lookFirst: false })],
])('%s that is no URL is a refusal', async (_what, status, ask) => {
  registry.intercept = () => ({ status, headers: { location: 'https://[' } });
  await expect(ask()).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    message: expect.stringContaining(`${registry.url.origin} leads to "https://[", which is no URL`) as string,
  });
  expect(registry.requests).toHaveLength(1);
});

test.each<[string, Fault, () => Promise<unknown>]>([
  ['a manifest', { status: 200 }, () => baseClient(registry).findManifest('1', signal)],
  ['an excuse', { status: 500 }, () => baseClient(registry).getBlob(ABC, signal)],
  ['a farewell', { status: 307, headers: { location: '/' } }, () => baseClient(registry).getBlob(ABC, signal)],
  ['a thank you', { status: 202 }, () => targetClient(registry).putBlob(ABC, ofAbc, signal, { lookFirst: false })],
])('%s of more bytes than a manifest may have is a refusal', async (_what, answer, ask) => {
  registry.intercept = () => ({ ...answer, body: ' '.repeat(4 * 1024 * 1024 + 1) });
  await expect(ask()).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    message: expect.stringMatching(
      /\(the answer to (GET|POST) \S+, which should be small, has more than 4194304 bytes\)/,
    ) as string,
  });
  expect(registry.requests).toHaveLength(1);
});

test('a denial is no demand for a token', async () => {
  const realm = `${elsewhere.url.href}token`;
  registry.intercept = () => ({ status: 403, headers: { 'www-authenticate': `Bearer realm="${realm}"` } });
  await expect(baseClient(registry).findManifest('1', signal)).rejects.toMatchObject({ code: 'ERR_BASE_DENIED' });
  expect(registry.requests).toHaveLength(1);
  expect(elsewhere.requests).toEqual([]);
});

test('a registry that is not who it should be could not be reached', async () => {
  const { server } = encryptedServer((_request, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(baseClient(registry, { endpoint }).findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNAVAILABLE',
    message: expect.stringContaining('self-signed certificate') as string,
  });
  server.close();
  await once(server, 'close');
});

test('what is told to stop says so in no other words', async () => {
  const stop = new AbortController();
  const reason = new Error('out of time');
  registry.fail(/^GET/, { silent: true });
  registry.intercept = () => {
    stop.abort(reason);
    return undefined;
  };
  await expect(baseClient(registry).findManifest('1', stop.signal)).rejects.toBe(reason);
});
