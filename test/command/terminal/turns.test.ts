import { Turns } from '../../../command/src/terminal/turns';

test('asks one thing at a time, and shows the rest afterwards', async () => {
  const turns = new Turns();
  const happened: string[] = [];
  const answers: ((answer: string) => void)[] = [];
  const ask = (question: string): Promise<string> =>
    turns.take(() => {
      happened.push(question);
      return new Promise(resolve => answers.push(resolve));
    });

  turns.between(() => happened.push('shown before'));
  const first = ask('first?');
  const second = ask('second?');
  turns.between(() => happened.push('shown after'));
  await new Promise(setImmediate);
  expect(happened).toEqual(['shown before', 'first?']);

  answers[0]?.('1');
  expect(await first).toBe('1');
  await new Promise(setImmediate);
  expect(happened).toEqual(['shown before', 'first?', 'second?']);

  answers[1]?.('2');
  expect(await second).toBe('2');
  expect(happened).toEqual(['shown before', 'first?', 'second?', 'shown after']);
});

test('goes on after a question that failed', async () => {
  const turns = new Turns();
  await expect(turns.take(() => Promise.reject(new Error('left')))).rejects.toThrow('left');
  expect(await turns.take(() => Promise.resolve('answered'))).toBe('answered');
});
