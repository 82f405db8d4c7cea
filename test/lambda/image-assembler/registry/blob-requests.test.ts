import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { OCI } from '../../../../lambda/image-assembler/common/media-types';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type Fault, type FaultyRegistry } from '../faulty-registry';

// What is asked of a registry for a blob, and what its answers are taken for.

const { signal } = new AbortController();
let registry: FaultyRegistry;

beforeEach(async () => {
  registry = await startFaultyRegistry();
});
afterEach(async () => {
  closeTransports();
  await registry.close();
});

const LETTERS = 'abcdefghij';
const BLOB = { mediaType: 'application/octet-stream', digest: digestOf(LETTERS), size: LETTERS.length };
const open = () => Readable.from([Buffer.from(LETTERS)]);

/** Has the registry answer by what a function gives, and notes what it was asked for. */
function answering(answer: (request: IncomingMessage, url: URL) => Fault | undefined): string[] {
  const asked: string[] = [];
  registry.intercept = request => {
    const url = new URL(request.url ?? '', registry.url);
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    return answer(request, url);
  };
  return asked;
}

describe('another repository of the registry', () => {
  const MOUNT = `POST /v2/expenses/blobs/uploads/?${new URLSearchParams({ mount: BLOB.digest, from: 'library/base' })}`;
  const put = () => targetClient(registry).putBlob(BLOB, open, signal, { mountFrom: 'library/base', lookFirst: false });

  test('gives a blob without an upload', async () => {
    const asked = answering(() => ({ status: 201 }));
    expect(await put()).toBe('mounted');
    expect(asked).toEqual([MOUNT]);
  });

  test('does not give it, and the upload that the registry begins instead is used', async () => {
    const asked = answering(({ method }) =>
      method === 'POST' ? { status: 202, headers: { location: '/uploads/1?state=2' } } : { status: 201 },
    );
    expect(await put()).toBe('uploaded');
    expect(asked).toEqual([MOUNT, `PUT /uploads/1?state=2&digest=${encodeURIComponent(BLOB.digest)}`]);
  });

  test.each([200, 400, 405])('is not understood (status %d), and an upload is begun', async status => {
    const asked = answering((_request, { search }) => (search.includes('mount=') ? { status } : undefined));
    expect(await put()).toBe('uploaded');
    expect(asked).toEqual([MOUNT, 'POST /v2/expenses/blobs/uploads/', expect.stringMatching(/^PUT .*&digest=/)]);
    expect(registry.blobs.get(BLOB.digest)?.toString()).toBe(LETTERS);
  });
});

test.each([
  ['/uploads/1', '?'],
  ['/uploads/1?state=2', '&'],
])('an upload to %s gets its digest behind %s', async (location, separator) => {
  const asked = answering(({ method }) =>
    method === 'POST' ? { status: 202, headers: { location } } : { status: 201 },
  );
  expect(await targetClient(registry).putBlob(BLOB, open, signal, { lookFirst: false })).toBe('uploaded');
  expect(asked.at(-1)).toBe(`PUT ${location}${separator}digest=${encodeURIComponent(BLOB.digest)}`);
});

test.each([400, 401, 403, 413])('an upload that is refused with status %d is tried twice', async status => {
  const asked = answering(({ method }) => (method === 'PUT' ? { status } : undefined));
  await expect(targetClient(registry).putBlob(BLOB, open, signal)).rejects.toThrow(`status ${status}`);
  expect(asked.map(request => request.split(' ')[0])).toEqual(['HEAD', 'POST', 'PUT', 'HEAD', 'POST', 'PUT']);
});

describe('a blob whose connection broke', () => {
  /** Breaks the first connection after four letters, and answers what is asked then. */
  async function resumed(answer: Fault): Promise<{ text: string; ranges: (string | undefined)[] }> {
    const ranges: (string | undefined)[] = [];
    registry.intercept = ({ headers }) => {
      ranges.push(headers.range);
      return ranges.length === 1 ? undefined : answer;
    };
    registry.addBlob(LETTERS);
    registry.fail(/^GET/, { cutAfter: 4 });
    return { text: (await baseClient(registry).getBlob(BLOB, signal)).toString(), ranges };
  }

  test.each<[string, Fault]>([
    ['from where it broke', { status: 206, headers: { 'content-range': 'bytes 4-9/10' }, body: 'efghij' }],
    ['from where it broke, of which nothing is said', { status: 206, body: 'efghij' }],
    ['from before it broke', { status: 206, headers: { 'content-range': 'bytes 1-9/10' }, body: 'bcdefghij' }],
    ['in a range that cannot be read', { status: 206, headers: { 'content-range': 'x bytes 0-' }, body: 'efghij' }],
    ['from its beginning', { status: 200, body: LETTERS }],
    [
      'from its beginning, whatever range is told',
      { status: 200, headers: { 'content-range': 'bytes 4-9/10' }, body: LETTERS },
    ],
  ])('goes on %s', async (_where, answer) => {
    expect(await resumed(answer)).toEqual({ text: LETTERS, ranges: [undefined, 'bytes=4-'] });
  });

  test('goes on where two digits tell', async () => {
    const long = `${LETTERS}klmno`;
    const descriptor = registry.addBlob(long);
    registry.fail(/^GET/, { cutAfter: 12 });
    const asked = answering(({ headers }) =>
      headers.range === undefined
        ? undefined
        : { status: 206, headers: { 'content-range': 'bytes 10-14/15' }, body: 'klmno' },
    );
    expect((await baseClient(registry).getBlob(descriptor, signal)).toString()).toBe(long);
    expect(asked).toHaveLength(2);
  });
});

test('a blob may be as large as a small one may be', async () => {
  const content = Buffer.alloc(4 * 1024 * 1024);
  const read = await baseClient(registry).getBlob(registry.addBlob(content), signal);
  expect(read.equals(content)).toBe(true);
});

describe('a manifest', () => {
  const manifest = { mediaType: OCI.manifest, digest: digestOf('{}'), content: Buffer.from('{}') };

  test.each([401, 403])(
    'that may not be pushed (status %d) is a failure, and no refusal to try again',
    async status => {
      registry.intercept = () => ({ status });
      await expect(targetClient(registry).putManifest('1', manifest, signal)).rejects.toMatchObject({
        code: 'ERR_REPOSITORY_DENIED',
      });
    },
  );

  test.each([400, 404, 409, 413])('that the registry will not have (status %d) is refused', async status => {
    registry.intercept = () => ({ status });
    expect(await targetClient(registry).putManifest('1', manifest, signal)).toMatchObject({
      message: expect.stringContaining(`status ${status}`) as string,
    });
  });
});
