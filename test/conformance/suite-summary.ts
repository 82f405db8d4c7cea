/** A scenario of the suite, as one run of it ended. */
export interface Scenario {
  readonly name: string;
  /** Whether the revision requires it. The others are run by the suite without being scored. */
  readonly required: boolean;
  /** Why it is not scored, in the suite's word: `extension`, `pending`, `added-after-release`. */
  readonly notScoredBecause?: string;
  /** Checks that passed. */
  readonly passed: number;
  /** Checks that failed. */
  readonly failed: number;
  /** What the failed checks say. */
  readonly failures: readonly string[];
}

/** A scenario that checks nothing shows nothing, and has not passed. */
export function hasPassed({ passed, failed }: Scenario): boolean {
  return failed === 0 && passed > 0;
}

/**
 * Reads the list at the end of the suite's output: a line for each scenario, then the names of those that are not
 * scored.
 *
 * @throws Error when there are fewer scenarios than the suite said it would run
 */
export function parseSummary(output: string): readonly Scenario[] {
  const announced = Number(/^Running requirements \S+ \((\d+) scenarios\)/m.exec(output)?.[1]);
  const [, summary = ''] = output.split(/=== (?:SUITE )?SUMMARY ===/);
  const notScored = new Map(
    [...summary.matchAll(/^ {2}[✓✗] (\S+) \((.+)\)$/gm)].map(([, name, reason]) => [name, reason]),
  );
  const scenarios = [...summary.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)].map(
    ([, name = '', passed, failed]): Scenario => {
      const notScoredBecause = notScored.get(name);
      return {
        name,
        required: notScoredBecause === undefined,
        notScoredBecause,
        passed: Number(passed),
        failed: Number(failed),
        failures: [],
      };
    },
  );
  if (scenarios.length === 0 || scenarios.length !== announced) {
    throw new Error(
      `the suite announced ${announced} scenarios and reported ${scenarios.length}; it printed:\n${output}`,
    );
  }
  return scenarios;
}
