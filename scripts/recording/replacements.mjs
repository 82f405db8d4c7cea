// What a terminal shows differs from run to run: what stands for it in pictures and transcripts.

/** What differs from run to run, and what stands for it; what is framed keeps its width. */
export const REPLACEMENTS = [
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:40404'],
  [/\b20\d\d-\d\d-\d\dT[\d:.]+Z/g, '2026-11-30T12:30:00.000Z'],
  [/\b20\d\d-\d\d-\d\d\b/g, '2026-11-30'],
  [/\b20\d\d-\d\d(?=:)/g, '2026-11'],
  [/\b\d+(?= of runtime )/g, '4711'],
  [/15 min \([^)]+ left\)/g, '15 min (15 min left)'],
  [/8 h \([^)]+ left\)/g, '8 h (8 h left)'],
  [
    /\$[\d.e-]+ for [\w. ]+ of CPU and \d+ MB over [\d.]+ (?:ms|s|min|h)(?: \d+ s)?/g,
    '$0.000007 for 0.27 s of CPU and 82 MB over 2.0 s',
  ],
];
export const DURATION = /^(?:[\d.]+ (?:ms|s|min) ?)+$/;
export const UUID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g;

/** A whole text, as equal programs show it. */
export function replacedIn(text) {
  const ids = new Map();
  let replaced = text;
  for (const [pattern, by] of REPLACEMENTS) {
    replaced = replaced.replace(pattern, by);
  }
  return replaced
    .replace(UUID, id => idOf(id, ids))
    .replace(
      /\b[\da-f]{8}(?=\])/g,
      id => [...ids].find(([known]) => known.startsWith(id))?.[1].slice(0, 8) ?? '11111111',
    )
    .replace(/process \d+/g, 'process 4711')
    .replace(/(?<= )[\d.]+ (?:ms|s)(?= ago|$)/gm, '0.5 s');
}

/** The first id of a run is always the same, and so on. */
export function idOf(id, ids) {
  if (!ids.has(id)) {
    ids.set(id, `${String(ids.size + 1).repeat(8)}-5eed-4abc-8def-0123456789ab`);
  }
  return ids.get(id);
}
