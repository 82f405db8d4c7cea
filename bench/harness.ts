import { performance } from 'node:perf_hooks';

/** One way of doing the thing that a comparison measures. */
export interface Subject {
  readonly name: string;
  /** Does the thing once; the milliseconds it takes are the sample, unless it returns another number. */
  readonly run: () => Promise<number | void>;
}

/** A way that cannot stay while the others are measured, for it takes too much of the machine. */
export interface PassingSubject {
  readonly name: string;
  readonly start: () => Promise<Subject & { readonly stop: () => Promise<void> }>;
}

interface Terms {
  readonly title: string;
  /** What the others are held against; measured in the same run, in turn with them. */
  readonly reference: Subject;
  /** Samples of each subject. */
  readonly rounds: number;
  /** Samples thrown away first. @default 1 */
  readonly warmup?: number;
  /** What the samples are. @default 'ms' */
  readonly unit?: string;
  /** What the project promises, printed beside the figure and never enforced: the machine may be busy. */
  readonly target?: string;
  /**
   * A subject that the ratios are held against besides, by its name: each was taken beside the reference, which tells
   * what the machine did meanwhile.
   */
  readonly alsoAgainst?: string;
}

export interface Comparison extends Terms {
  readonly subjects: readonly Subject[];
}

export interface PassingComparison extends Terms {
  readonly subjects: readonly PassingSubject[];
}

interface Figures {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Measures all subjects in turn (A B A B …), so that a drift of the machine's speed meets all of them, and prints a
 * table.
 */
export async function compare(comparison: Comparison): Promise<void> {
  const { reference, subjects } = comparison;
  const [own = [], ...others] = await inTurn([reference, ...subjects], comparison);
  print(comparison, [
    [reference.name, own],
    ...subjects.map(({ name }, index): Row => [name, others[index] ?? [], own]),
  ]);
}

/** Measures each subject in turn with the reference, one subject after the other, and prints a table. */
export async function compareOneByOne(comparison: PassingComparison): Promise<void> {
  const { reference } = comparison;
  const ofReference: number[] = [];
  const rows: Row[] = [];
  for (const { name, start } of comparison.subjects) {
    const subject = await start();
    try {
      const [beside = [], own = []] = await inTurn([reference, subject], comparison);
      ofReference.push(...beside);
      rows.push([name, own, beside]);
    } finally {
      await subject.stop();
    }
  }
  print(comparison, [[reference.name, ofReference], ...rows]);
}

/** The samples of each subject. */
async function inTurn(subjects: readonly Subject[], { rounds, warmup = 1 }: Terms): Promise<number[][]> {
  const samples = subjects.map((): number[] => []);
  for (let round = -warmup; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const elapsed = await sample(subject);
      if (round >= 0) {
        samples[index]?.push(elapsed);
      }
    }
  }
  return samples;
}

async function sample(subject: Subject): Promise<number> {
  const start = performance.now();
  const reported = await subject.run();
  return reported ?? performance.now() - start;
}

/** Name and samples, and those of the reference that were taken beside them. */
type Row = readonly [name: string, own: readonly number[], beside?: readonly number[]];

function print({ title, rounds, unit = 'ms', target, alsoAgainst }: Terms, rows: readonly Row[]): void {
  const other = rows.find(([name]) => name === alsoAgainst);
  const ratiosOf = ([, own, beside]: Row): Figures =>
    figures(own.map((value, round) => value / (beside?.[round] ?? NaN)));
  console.log(`\n### ${title}\n`);
  console.log(
    `| ${rounds} samples each, in turn | median ${unit} | min | max | ratio to the reference, pair by pair |${other ? ` its median to that of ${alsoAgainst} |` : ''}`,
  );
  console.log(`|---|---:|---:|---:|---|${other ? '---:|' : ''}`);
  for (const row of rows) {
    const [name, own, beside] = row;
    const { median, min, max } = figures(own);
    const ratios = ratiosOf(row);
    const ratio = beside
      ? `${ratios.median.toFixed(2)}x (${ratios.min.toFixed(2)}..${ratios.max.toFixed(2)})`
      : 'reference';
    const second = other ? ` ${((beside ? ratios.median : 1) / ratiosOf(other).median).toFixed(2)}x |` : '';
    console.log(`| ${name} | ${median.toFixed(2)} | ${min.toFixed(2)} | ${max.toFixed(2)} | ${ratio} |${second}`);
  }
  if (target) {
    console.log(`\nTarget: ${target}`);
  }
}

function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return { median: median ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}
