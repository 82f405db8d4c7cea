import { once } from 'node:events';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { encryptedServer } from '../../encrypted-server';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type FaultyRegistry } from '../faulty-registry';

// A registry that is reached by HTTPS, and leads to another one by HTTP.

const { signal } = new AbortController();
const DIGEST = `sha256:${'0'.repeat(64)}`;
const DESCRIPTOR = { mediaType: 'application/octet-stream', digest: DIGEST, size: 3 };
let plain: FaultyRegistry;
let server: Server;
let status: number;
let headers: Record<string, string>;

beforeAll(() => {
  const encrypted = encryptedServer((_request, response) => response.writeHead(status, headers).end());
  server = encrypted.server;
  encrypted.trust();
});

afterAll(() => {
  jest.restoreAllMocks();
});

beforeEach(async () => {
  plain = await startFaultyRegistry();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  closeTransports();
  await plain.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const endpoint = (): URL => new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
const base = () => baseClient(plain, { endpoint: endpoint() });
const target = () => targetClient(plain, { endpoint: endpoint() });

test.each<[string, number, () => Record<string, string>, () => Promise<unknown>]>([
  ['a redirect of a layer', 307, () => ({ location: `${plain.url.href}x` }), () => base().getBlob(DESCRIPTOR, signal)],
  ['a redirect of a manifest', 301, () => ({ location: `${plain.url.href}x` }), () => base().findManifest('1', signal)],
  [
    'a token service',
    401,
    () => ({ 'www-authenticate': `Bearer realm="${plain.url.href}token"` }),
    () => base().findManifest('1', signal),
  ],
  [
    'the place of an upload',
    202,
    () => ({ location: `${plain.url.href}v2/expenses/blobs/uploads/1` }),
    () => target().putBlob(DESCRIPTOR, () => Readable.from([Buffer.from('abc')]), signal, { lookFirst: false }),
  ],
])('%s without encryption is refused', async (_case, answer, lead, ask) => {
  status = answer;
  headers = lead();
  await expect(ask()).rejects.toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    message: expect.stringContaining(`leads to http://${plain.host}, which is not encrypted`) as string,
  });
  expect(plain.authorizations).toEqual([]);
});
