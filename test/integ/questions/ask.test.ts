import { NotHere, type Bed } from '../bed/bed';
import { ask, type AskOptions } from './ask';
import { experiment, type Experiment, type NotAsked, type OpenQuestion } from './question';

const question = (id: string, asked: Experiment | NotAsked): OpenQuestion => ({
  id,
  question: `${id}?`,
  how: 'by a test',
  settledBy: 'what comes',
  changes: ['docs/reference/fidelity.md'],
  asked,
});

const answered = async (questions: readonly OpenQuestion[], options: Partial<AskOptions> = {}): Promise<string[]> => {
  const answers = await ask(questions, {
    // No experiment here looks at it.
    bed: {} as Bed,
    chosen: new Set(questions.map(({ id }) => id)),
    atOnce: 2,
    until: new Date(Date.now() + 3_600_000),
    signal: new AbortController().signal,
    say: () => {},
    ...options,
  });
  return answers.map(({ id, status, answer }) => `${id}: ${status}, ${answer}`);
};

const forever = new Promise<string>(() => {});
const works = experiment(0, 60, () => Promise.resolve('yes'));

test('what goes wrong with one question keeps no other from being asked', async () => {
  const questions = [
    question(
      'throws',
      experiment(0, 60, () => Promise.reject(new Error('no'))),
    ),
    question(
      'hangs',
      experiment(0, 0.05, () => forever),
    ),
    question(
      'lacks',
      experiment(0, 60, () => Promise.reject(new NotHere('no such thing'))),
    ),
    question('works', works),
    question('unasked', { because: 'nobody can' }),
  ];
  expect(await answered(questions)).toEqual([
    'throws: broken, Error: no',
    'hangs: broken, Error: it took longer than its 0.05 s',
    'lacks: cannot be asked here, no such thing',
    'works: answered, yes',
    'unasked: not asked, because nobody can',
  ]);
});

test('the evidence of a broken experiment is kept', async () => {
  const broken = experiment(0, 60, ({ note }) => {
    note('seen');
    return Promise.reject(new Error('no'));
  });
  const [answer] = await ask([question('throws', broken)], {
    bed: {} as Bed,
    chosen: new Set(['throws']),
    atOnce: 1,
    until: new Date(Date.now() + 3_600_000),
    signal: new AbortController().signal,
    say: () => {},
  });
  expect(answer?.evidence).toEqual(['seen']);
});

test('questions that are not chosen, and those that could end too late, are said to be left out', async () => {
  const questions = [question('other', works), question('late', works)];
  expect(await answered(questions, { chosen: new Set(['late']), until: new Date(Date.now() + 30_000) })).toEqual([
    'other: left out, this run is not about it',
    'late: left out, it may take 60 s, and the time of this run is over',
  ]);
});

test('the end of the program ends what is asked, and asks nothing more', async () => {
  const controller = new AbortController();
  const hangs = experiment(0, 60, () => {
    controller.abort(new Error('ended'));
    return forever;
  });
  const questions = [question('hangs', hangs), question('next', works)];
  expect(await answered(questions, { signal: controller.signal, atOnce: 1 })).toEqual([
    'hangs: left out, the program was ended',
    'next: left out, the program was ended',
  ]);
});
