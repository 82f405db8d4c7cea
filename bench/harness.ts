import { performance } from 'node:perf_hooks';

/** One way of doing the thing that a comparison measures. */
export interface Subject {
  readonly name: string;
  /** Does the thing once; the time it takes is the sample, unless a number of milliseconds is returned. */
  readonly run: () => Promise<number | void>;
}

export interface Comparison {
  readonly title: string;
  /** What the others are held against; measured in the same run, in turn with them. */
  readonly reference: Subject;
  readonly subjects: readonly Subject[];
  /** Samples of each subject. */
  readonly rounds: number;
  /** Samples thrown away first. @default 1 */
  readonly warmup?: number;
  /** What the project promises, printed beside the figure and never enforced: the machine may be busy. */
  readonly target?: string;
}

interface Figures { readonly median: number; readonly min: number; readonly max: number }

/** Measures all subjects in turn (A B A B …), so that a drift of the machine's speed meets all of them, and prints a table. */
export async function compare(comparison: Comparison): Promise<void> {
  const all = [comparison.reference, ...comparison.subjects];
  const samples = new Map<Subject, number[]>(all.map(subject => [subject, []]));
  const warmup = comparison.warmup ?? 1;
  for (let round = -warmup; round < comparison.rounds; round++) {
    for (const subject of all) {
      const elapsed = await sample(subject);
      if (round >= 0) samples.get(subject)?.push(elapsed);
    }
  }
  print(comparison, all, samples);
}

async function sample(subject: Subject): Promise<number> {
  const start = performance.now();
  const reported = await subject.run();
  return reported ?? performance.now() - start;
}

function print(comparison: Comparison, all: readonly Subject[], samples: ReadonlyMap<Subject, number[]>): void {
  const reference = samples.get(comparison.reference) ?? [];
  const rows = all.map((subject) => {
    const own = samples.get(subject) ?? [];
    const { median, min, max } = figures(own);
    const ratios = figures(own.map((value, round) => value / (reference[round] ?? NaN)));
    const ratio = subject === comparison.reference ? 'reference' : `${ratios.median.toFixed(2)}x (${ratios.min.toFixed(2)}..${ratios.max.toFixed(2)})`;
    return [subject.name, `${median.toFixed(2)}`, `${min.toFixed(2)}`, `${max.toFixed(2)}`, ratio];
  });
  console.log(`\n### ${comparison.title}\n`);
  console.log(`| ${comparison.rounds} samples each, in turn | median ms | min | max | ratio to the reference, pair by pair |`);
  console.log('|---|---:|---:|---:|---|');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  if (comparison.target) console.log(`\nTarget: ${comparison.target}`);
}

function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return { median: median ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}
