import { TransientFailure } from '../../../../lambda/common/retry';
import { resumable } from '../../../../lambda/image-assembler/transport/resumable';

// A download whose connection breaks, as often and wherever it likes.

const retryPolicy = { attempts: 2, firstPauseMs: 0, longestPauseMs: 0, longestRetryAfterMs: 0 };
const CONTENT = 'abcdefghij';

interface Served {
  /** Where the source begins, however far on it was asked for. */
  readonly start?: number;
  /** How many bytes come before it breaks, or ends. */
  readonly bytes?: number;
  readonly failure?: Error;
}

/** Downloads from a source that serves so one time after the other, and gives what came and what was asked for. */
async function download(
  served: readonly Served[],
  size = CONTENT.length,
  attempts = retryPolicy.attempts,
): Promise<{ text: string; asked: number[]; failure?: unknown }> {
  const asked: number[] = [];
  const source = {
    size,
    retryPolicy: { ...retryPolicy, attempts },
    signal: new AbortController().signal,
    open(offset: number) {
      const { start = offset, bytes = CONTENT.length, failure } = served[asked.push(offset) - 1] ?? {};
      return Promise.resolve({ start, bytes: pieces(CONTENT.slice(start, start + bytes), failure) });
    },
  };
  let text = '';
  try {
    for await (const chunk of resumable(source)) {
      text += chunk.toString();
    }
    return { text, asked };
  } catch (failure) {
    return { text, asked, failure };
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an iterable of what is at hand
async function* pieces(text: string, failure?: Error): AsyncIterable<Buffer> {
  for (let position = 0; position < text.length; position += 2) {
    yield Buffer.from(text.slice(position, position + 2));
  }
  if (failure !== undefined) {
    throw failure;
  }
}

const broken = new TransientFailure('broken');

test.each<[string, Served[], number[]]>([
  ['does not break', [{}], [0]],
  ['breaks', [{ bytes: 3, failure: broken }, {}], [0, 3]],
  ['ends early', [{ bytes: 4 }, {}], [0, 4]],
  ['breaks at its end', [{ failure: broken }], [0]],
  ['begins anew', [{ bytes: 5, failure: broken }, { start: 0 }], [0, 5]],
  ['begins a little earlier', [{ bytes: 5, failure: broken }, { start: 4 }], [0, 5]],
  ['brings something each time', Array<Served>(5).fill({ bytes: 2, failure: broken }), [0, 2, 4, 6, 8]],
  ['brings nothing now and then', [{ bytes: 0 }, { bytes: 5 }, {}], [0, 0, 5]],
])('each byte comes once from a source that %s', async (_what, served, offsets) => {
  expect(await download(served)).toEqual({ text: CONTENT, asked: offsets });
});

test('a source that brings nothing for as many attempts as there are has failed', async () => {
  const nothing = await download([{ bytes: 3 }, { bytes: 0 }, {}]);
  expect(nothing).toMatchObject({ text: 'abc', asked: [0, 3], failure: expect.any(TransientFailure) as object });
  expect((nothing.failure as Error).message).toBe('the connection ended after 3 of 10 bytes');
  const again = await download([{ bytes: 3 }, { start: 0, bytes: 3, failure: broken }, {}]);
  expect(again).toMatchObject({ text: 'abc', asked: [0, 3], failure: broken });
});

test('a source that brings everything has not failed', async () => {
  expect(await download([{}], CONTENT.length, 1)).toEqual({ text: CONTENT, asked: [0] });
});

test('what is no failure of the connection is not tried again', async () => {
  const denied = new Error('denied');
  expect(await download([{ bytes: 3, failure: denied }])).toEqual({ text: 'abc', asked: [0], failure: denied });
});

test('more bytes than there should be are passed on, for others to tell', async () => {
  expect(await download([{}], 4)).toEqual({ text: CONTENT, asked: [0] });
  expect(await download([{ bytes: 0 }], 0)).toEqual({ text: '', asked: [0] });
});
