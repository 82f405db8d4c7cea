import { Admission, type Leave } from '../../../server/src/http/admission';

const NEVER = new AbortController().signal;
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** An admission whose reader has taken everything, unless told otherwise. */
function admission(maxBytes: number) {
  const reader = { unread: 0 };
  const ours = new Admission(maxBytes, () => reader.unread);
  const entered: string[] = [];
  const leaves = new Map<string, Leave>();
  const enter = (name: string, bytes: number, signal = NEVER): void =>
    void ours.enter(bytes, signal).then(leave => {
      entered.push(name);
      leaves.set(name, leave);
    });
  return { ours, reader, entered, leave: (name: string) => leaves.get(name)!(), enter };
}

test('what is on its way stays below the bound, the rest comes in turn', async () => {
  const { entered, enter, leave } = admission(10);
  enter('a', 6);
  enter('b', 4);
  enter('c', 5);
  enter('d', 1);
  await turn();
  expect(entered).toEqual(['a', 'b']);
  leave('b');
  await turn();
  // The small one does not pass the large one.
  expect(entered).toEqual(['a', 'b']);
  leave('a');
  await turn();
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

test('what the reader has not taken counts', async () => {
  const { ours, reader, entered, enter } = admission(10);
  reader.unread = 9;
  enter('a', 2);
  await turn();
  expect(entered).toEqual([]);
  reader.unread = 8;
  ours.changed();
  await turn();
  expect(entered).toEqual(['a']);
});

test('one that is larger than the bound comes alone', async () => {
  const { entered, enter, leave } = admission(10);
  enter('large', 11);
  enter('small', 1);
  await turn();
  expect(entered).toEqual(['large']);
  leave('large');
  await turn();
  expect(entered).toEqual(['large', 'small']);
});

test('one that nobody waits for any more does not hold up the others', async () => {
  const { entered, enter, leave } = admission(10);
  const gone = new AbortController();
  enter('a', 10);
  enter('gone', 10, gone.signal);
  enter('b', 10);
  gone.abort();
  await turn();
  expect(entered).toEqual(['a', 'gone']);
  leave('gone');
  leave('a');
  await turn();
  expect(entered).toEqual(['a', 'gone', 'b']);
});
