import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { HttpTransport } from '../../../../lambda/common/http-transport';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type Fault, type FaultyRegistry } from '../faulty-registry';

let base: FaultyRegistry;
let target: FaultyRegistry;
const { signal } = new AbortController();

beforeEach(async () => {
  base = await startFaultyRegistry();
  target = await startFaultyRegistry();
});

afterEach(async () => {
  closeTransports();
  await base.close();
  await target.close();
});

const LAYER = randomBytes(3 * 1024 * 1024);

/** Copies a layer from the base registry to the target. */
async function copy(options: Parameters<typeof baseClient>[1] = {}): Promise<string> {
  const descriptor = base.addBlob(LAYER);
  const source = baseClient(base, options);
  return targetClient(target).putBlob(descriptor, attempt => source.readBlob(descriptor, attempt), signal);
}

function copied(): boolean {
  return [...target.blobs.values()].some(blob => blob.equals(LAYER));
}

const failing: Fault = { status: 503 };

describe('a fault that passes', () => {
  test.each<[string, 'base' | 'target', RegExp, Fault[]]>([
    ['server errors on reading a layer', 'base', /^GET .*blobs/, [failing, { status: 500 }, { status: 502 }]],
    ['a connection that breaks at once', 'base', /^GET .*blobs/, [{ cutAfter: 0 }]],
    [
      'a connection that breaks in the middle, again and again',
      'base',
      /^GET .*blobs/,
      Array<Fault>(8).fill({ cutAfter: 300_000 }),
    ],
    [
      'a registry that starts the layer over when asked for the rest',
      'base',
      /^GET .*blobs/,
      [{ cutAfter: 1_000_000 }, { ignoresRange: true }],
    ],
    ['too many requests', 'base', /^GET .*blobs/, [{ status: 429 }, { status: 429, headers: { 'retry-after': '0' } }]],
    ['server errors on looking for a layer', 'target', /^HEAD /, [failing]],
    ['server errors on starting an upload', 'target', /^POST /, [failing]],
    ['server errors on uploading', 'target', /^PUT .*uploads/, [failing, failing]],
    [
      'an upload that the registry has lost',
      'target',
      /^PUT .*uploads/,
      [{ status: 404 }, { status: 416 }, { status: 404 }],
    ],
    ['an upload that takes the registry too long', 'target', /^PUT .*uploads/, [failing, { status: 408 }]],
    ['too many uploads', 'target', /^PUT .*uploads/, [failing, { status: 429 }]],
    ['an upload that the registry found damaged', 'target', /^PUT .*uploads/, [{ status: 400 }]],
  ])('%s', async (_case, side, pattern, faults) => {
    (side === 'base' ? base : target).fail(pattern, ...faults);
    expect(await copy()).toBe('uploaded');
    expect(copied()).toBe(true);
  });

  test('a break in the middle costs no byte twice', async () => {
    base.fail(/^GET .*blobs/, { cutAfter: 1_000_000 });
    await copy();
    expect(target.requests.filter(request => request.startsWith('PUT'))).toHaveLength(1);
  });

  test('a registry that is silent is asked again', async () => {
    base.fail(/^GET .*blobs/, { silent: true });
    expect(await copy({ idleTimeoutMs: 50 })).toBe('uploaded');
  });

  test('a registry that is slow but not silent is waited for', async () => {
    base.fail(/^GET .*blobs/, { pieces: 10, pauseMs: 20 });
    expect(await copy({ idleTimeoutMs: 150 })).toBe('uploaded');
    expect(base.requests.filter(request => request.startsWith('GET'))).toHaveLength(1);
  });

  test('`Retry-After` is waited for', async () => {
    base.fail(/manifests/, { status: 429, headers: { 'retry-after': '1' } });
    base.manifests.set('1', { mediaType: 'application/vnd.oci.image.manifest.v1+json', content: Buffer.from('{}') });
    const start = performance.now();
    await baseClient(base).findManifest('1', signal);
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  test('a manifest that breaks off is read again', async () => {
    base.fail(/manifests/, { cutAfter: 3 });
    base.manifests.set('1', {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      content: Buffer.from('{"schemaVersion":2}'),
    });
    expect((await baseClient(base).findManifest('1', signal))?.content.toString()).toBe('{"schemaVersion":2}');
  });
});

describe('a fault that stays', () => {
  test.each<[string, 'base' | 'target', RegExp, Fault, string]>([
    ['server errors of the base registry', 'base', /^GET/, failing, 'ERR_REGISTRY_UNAVAILABLE'],
    ['server errors of the target', 'target', /^POST/, failing, 'ERR_REGISTRY_UNAVAILABLE'],
    ['too many requests', 'base', /^GET/, { status: 429 }, 'ERR_RATE_LIMITED'],
    ['a denied layer', 'base', /^GET/, { status: 403, body: 'go away' }, 'ERR_BASE_DENIED'],
    ['a layer that is gone', 'base', /^GET/, { status: 404 }, 'ERR_BASE_NOT_FOUND'],
    ['a demand that cannot be met', 'base', /^GET/, { status: 401 }, 'ERR_BASE_DENIED'],
    ['a denied upload', 'target', /^POST/, { status: 403 }, 'ERR_REPOSITORY_DENIED'],
    ['an upload that is denied at its end', 'target', /^PUT/, { status: 403 }, 'ERR_REPOSITORY_DENIED'],
    [
      'a repository that does not exist',
      'target',
      /^POST/,
      { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' },
      'ERR_REPOSITORY_NOT_FOUND',
    ],
    ['a layer that is too large for the registry', 'target', /^PUT/, { status: 413 }, 'ERR_REGISTRY_REFUSED'],
  ])('%s', async (_case, side, pattern, fault, code) => {
    (side === 'base' ? base : target).fail(pattern, ...Array<Fault>(20).fill(fault));
    await expect(copy()).rejects.toMatchObject({ code });
    expect(copied()).toBe(false);
  });

  test('what the registry says is passed on', async () => {
    target.fail(/^POST/, {
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"not authorized to perform ecr:InitiateLayerUpload"}]}',
    });
    await expect(copy()).rejects.toThrow(/DENIED not authorized to perform ecr:InitiateLayerUpload/);
  });

  test('a registry that wants to be left alone for an hour is not asked again', async () => {
    base.fail(/^GET/, { status: 429, headers: { 'retry-after': '3600' } });
    await expect(copy()).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED' });
    expect(base.requests).toHaveLength(1);
  });

  test('nobody listens', async () => {
    const client = baseClient(base);
    await base.close();
    await expect(client.findManifest('1', signal)).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    base = await startFaultyRegistry();
  });
});

describe('wrong bytes', () => {
  test('of a layer are never uploaded to their end', async () => {
    base.fail(/^GET/, { wrongBytes: true });
    await expect(copy()).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
      message: expect.stringContaining(base.host) as string,
    });
    expect(target.blobs.size).toBe(0);
  });

  test('after a break are found out too', async () => {
    base.fail(/^GET/, { cutAfter: 1_000_000 }, { wrongBytes: true });
    await expect(copy()).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
    expect(target.blobs.size).toBe(0);
  });

  test('more of them than there should be', async () => {
    const { digest } = base.addBlob(LAYER);
    const client = baseClient(base);
    await expect(client.getBlob({ mediaType: '', digest, size: 1000 }, signal)).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    });
  });

  test('of a manifest that was asked for by digest', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    base.manifests.set(digest, { mediaType: 'application/json', content: Buffer.from('{}') });
    await expect(baseClient(base).findManifest(digest, signal)).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
  });

  test('of a manifest whose digest the registry tells', async () => {
    base.fail(/manifests/, {
      status: 200,
      headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
      body: '{}',
    });
    await expect(baseClient(base).findManifest('1', signal)).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
  });
});

test('a digest of another algorithm, which a registry may tell, is not compared', async () => {
  const headers = { 'docker-content-digest': `sha512:${'0'.repeat(128)}` };
  base.fail(/manifests/, { status: 200, headers, body: '{}' });
  await expect(baseClient(base).findManifest('1', signal)).resolves.toMatchObject({ content: Buffer.from('{}') });
});

test('a registry that is not there may have another name', async () => {
  const client = baseClient(base, { endpoint: new URL('http://127.0.0.1:1') });
  await expect(client.findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNAVAILABLE',
    message: expect.stringMatching(/ECONNREFUSED.*: deploy again; if it stays, see that this is the name/) as string,
  });
});

test('a layer that is there is not sent', async () => {
  target.addBlob(LAYER);
  expect(await copy()).toBe('present');
  expect(base.requests).toEqual([]);
});

test('a layer that another run brings during an upload that fails is taken', async () => {
  target.intercept = request => {
    if (request.method !== 'PUT') {
      return undefined;
    }
    target.addBlob(LAYER);
    return { status: 400 };
  };
  expect(await copy()).toBe('present');
});

describe('an upload that was begun before its blob was known', () => {
  const put = (options: { lookFirst?: boolean } = {}) => {
    const client = targetClient(target);
    const begun = client.beginUpload(signal);
    const descriptor = base.addBlob(LAYER);
    return client.putBlob(descriptor, attempt => baseClient(base).readBlob(descriptor, attempt), signal, {
      begun,
      ...options,
    });
  };

  test('goes on, with a blob that nobody looked for', async () => {
    expect(await put({ lookFirst: false })).toBe('uploaded');
    expect(target.requests.map(request => request.split(' ')[0])).toEqual(['POST', 'PUT']);
  });

  test('is begun again, after a look, when the registry has lost it', async () => {
    target.fail(/^PUT/, { status: 404 });
    expect(await put({ lookFirst: false })).toBe('uploaded');
    expect(target.requests.map(request => request.split(' ')[0])).toEqual(['POST', 'PUT', 'HEAD', 'POST', 'PUT']);
  });

  test('is left alone when the blob is there', async () => {
    target.addBlob(LAYER);
    expect(await put()).toBe('present');
    expect(base.requests).toEqual([]);
  });

  test('tells when the blob is put that it was refused', async () => {
    target.fail(/^POST/, { status: 403 });
    await expect(put({ lookFirst: false })).rejects.toMatchObject({ code: 'ERR_REPOSITORY_DENIED' });
  });
});

test('a registry that will not mount is given the layer', async () => {
  const descriptor = base.addBlob(LAYER);
  const source = baseClient(base);
  target.fail(/^POST/, { status: 403 });
  expect(
    await targetClient(target).putBlob(descriptor, attempt => source.readBlob(descriptor, attempt), signal, {
      mountFrom: 'library/base',
    }),
  ).toBe('uploaded');
});

test('a mount that the registry will not make is asked for once, whatever comes of the upload', async () => {
  const queries: (string | null)[] = [];
  target.intercept = ({ method, url = '' }) => {
    queries.push(...(method === 'POST' ? [new URL(url, target.url).searchParams.get('from')] : []));
    return undefined;
  };
  target.fail(/^PUT/, failing);
  const descriptor = base.addBlob(LAYER);
  const open = () => Readable.from([LAYER]);
  await targetClient(target).putBlob(descriptor, open, signal, { mountFrom: 'library/base' });
  expect(queries).toEqual(['library/base', null]);
});

test('an upload tells its size, and gets time to be checked', async () => {
  const transport = new HttpTransport();
  const send = jest.spyOn(transport, 'send');
  await targetClient(target, { transport }).putBlob(
    base.addBlob('abc'),
    () => Readable.from([Buffer.from('abc')]),
    signal,
  );
  transport.close();
  const sent = send.mock.calls.map(([{ method, headers, idleTimeoutMs }]) => ({ method, headers, idleTimeoutMs }));
  expect(sent).toMatchObject([
    { method: 'HEAD', idleTimeoutMs: 5000 },
    { method: 'POST', idleTimeoutMs: 5000 },
    { method: 'PUT', headers: { 'content-length': '3' }, idleTimeoutMs: 25_000 },
  ]);
});

test('a redirect leads to the layer, without the authorization for the registry', async () => {
  const layers = await startFaultyRegistry();
  const descriptor = layers.addBlob(LAYER);
  const challenge: Fault = { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };
  const redirect: Fault = {
    status: 307,
    headers: { location: `${layers.url.href}v2/library/base/blobs/${descriptor.digest}` },
  };
  base.intercept = request => (request.headers.authorization === undefined ? challenge : redirect);
  layers.fail(/^GET/, { cutAfter: 1_000_000 });
  const source = baseClient(base, { credentials: () => Promise.resolve({ username: 'AWS', password: 'secret' }) });
  await targetClient(target).putBlob(descriptor, attempt => source.readBlob(descriptor, attempt), signal);
  expect(copied()).toBe(true);
  expect(base.authorizations).toEqual([undefined, expect.stringMatching(/^Basic /), expect.stringMatching(/^Basic /)]);
  expect(layers.authorizations).toEqual([undefined, undefined]);
  await layers.close();
});

test('redirects that lead in a circle come to an end', async () => {
  const descriptor = base.addBlob(LAYER);
  const location = `${base.url.href}v2/library/base/blobs/${descriptor.digest}`;
  base.intercept = () => ({ status: 307, headers: { location } });
  await expect(baseClient(base).getBlob({ ...descriptor, size: 10 }, signal)).rejects.toThrow('307');
  expect(base.requests).toHaveLength(6);
});

test('a blob that should be small is not asked for when it is not', async () => {
  const descriptor = { ...base.addBlob(LAYER), size: 4 * 1024 * 1024 + 1 };
  await expect(baseClient(base).getBlob(descriptor, signal)).rejects.toThrow('should be small');
  expect(base.requests).toEqual([]);
});

test('an assembly that is told to stop says why', async () => {
  const stop = new AbortController();
  base.fail(/^GET/, { silent: true });
  const descriptor = base.addBlob(LAYER);
  const reading = baseClient(base).getBlob({ ...descriptor, size: 10 }, stop.signal);
  setTimeout(() => stop.abort(new Error('out of time')), 20);
  await expect(reading).rejects.toThrow('out of time');
});
