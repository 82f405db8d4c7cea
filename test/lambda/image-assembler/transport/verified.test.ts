import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import { verified } from '../../../../lambda/image-assembler/transport/verified';

const CONTENT = Buffer.from('the bytes of a layer');
const DESCRIPTOR = { mediaType: '', digest: digestOf(CONTENT), size: CONTENT.length };

// eslint-disable-next-line @typescript-eslint/require-await -- an iterable of what is at hand
async function* inPieces(content: Buffer, size = 7): AsyncIterable<Buffer> {
  for (let position = 0; position < content.length; position += size) {
    yield content.subarray(position, position + size);
  }
}

/** What is passed on, and the failure after it. */
async function passedOn(
  bytes: AsyncIterable<Buffer>,
  descriptor = DESCRIPTOR,
): Promise<{ passed: string; failure: unknown }> {
  let passed = '';
  try {
    for await (const chunk of verified(bytes, descriptor, 'registry.test')) {
      passed += chunk.toString();
    }
    return { passed, failure: undefined };
  } catch (failure) {
    return { passed, failure };
  }
}

test('the right bytes pass', async () => {
  expect(await passedOn(inPieces(CONTENT))).toEqual({ passed: CONTENT.toString(), failure: undefined });
});

test('no bytes at all can be right', async () => {
  const nothing = Buffer.alloc(0);
  expect(await passedOn(inPieces(nothing), { mediaType: '', digest: digestOf(nothing), size: 0 })).toEqual({
    passed: '',
    failure: undefined,
  });
});

test.each<[string, Buffer]>([
  ['other bytes', Buffer.from('the bytes of a liar!')],
  ['too few bytes', CONTENT.subarray(0, -1)],
  ['too many bytes', Buffer.concat([CONTENT, CONTENT])],
])('%s do not pass to their end', async (_case, content) => {
  const { passed, failure } = await passedOn(inPieces(content));
  expect(failure).toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
  expect(passed.length).toBeLessThan(CONTENT.length);
});

test('the right bytes are wrong where there should be more of them', async () => {
  const { passed, failure } = await passedOn(inPieces(CONTENT), { ...DESCRIPTOR, size: DESCRIPTOR.size + 1 });
  expect(failure).toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
  expect(passed.length).toBeLessThan(CONTENT.length);
});
