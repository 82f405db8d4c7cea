/** What options were called in earlier versions. */
const RENAMED: Readonly<Record<string, string>> = {
  external: 'externalModules',
  folder: 'directory',
  openTelemetry: 'telemetry',
  projectFolder: 'projectDirectory',
  runtime: 'interpreter',
};

/** So many letters may be wrong in a name for it to be taken for another one. */
const TYPOS = 2;

/**
 * What is wrong with the names of values: a value by a name that nobody reads would be lost without a word.
 *
 * @param allOthers - whether every other name is wrong, or only one that looks like one that is left out: what a
 * construct is given may be that of a class of the user, which has more
 */
export function unknownNameProblems(
  values: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  { prefix, allOthers }: { readonly prefix: string; readonly allOthers: boolean },
): string[] {
  return Object.keys(values)
    .filter(name => !allowed.includes(name) && values[name] !== undefined)
    .flatMap(name => {
      const renamed = allowed.find(other => other === RENAMED[name]);
      const meant =
        renamed ?? nearest(name, allOthers ? allowed : allowed.filter(other => values[other] === undefined));
      if (meant === undefined && !allOthers) {
        return [];
      }
      const advice =
        meant === undefined
          ? 'leave it out'
          : renamed === undefined
            ? `write \`${meant}\`, if that is meant`
            : `it is called \`${meant}\` now`;
      return [`\`${prefix}${name}\` is given, which does not exist; ${allowed.join(', ')} are allowed: ${advice}`];
    });
}

function nearest(name: string, allowed: readonly string[]): string | undefined {
  const [first] = allowed
    .map(other => ({ other, typos: typosBetween(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ other, typos }) => typos <= TYPOS && typos < other.length / 2)
    .sort((left, right) => left.typos - right.typos);
  return first?.other;
}

/** https://en.wikipedia.org/wiki/Levenshtein_distance */
function typosBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [place, otherLetter] of [...other].entries()) {
      next.push(
        Math.min(
          (next[place] ?? 0) + 1,
          (row[place + 1] ?? 0) + 1,
          (row[place] ?? 0) + (letter === otherLetter ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
