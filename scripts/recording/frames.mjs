// From what a terminal showed to what the picture shows, and for how long.

/** What differs from run to run, and what stands for it; what is framed keeps its width. */
const REPLACEMENTS = [
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
const DURATION = /^(?:[\d.]+ (?:ms|s|min) ?)+$/;
const UUID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g;
const SPINNER = /^[◒◐◓◑]/;

const SECONDS = { typed: 0.8, question: 1.5, progress: 0.35, block: 0.5, line: 0.12, longest: 2.6, end: 6 };

/** Frames `{ lines, seconds }`. What came at once between two screens is shown block by block, as long as it takes to read. */
export function framesOf(screens, prompt) {
  const ids = new Map();
  const first = [{ text: prompt, bold: true, dim: false, colour: undefined }];
  const frames = [{ lines: [first], seconds: SECONDS.typed }];
  let before = [first];
  for (const screen of screens) {
    const lines = [first, ...screen.map(line => replaced(line, ids))];
    const common = lines.findIndex((line, row) => textOf(line) !== textOf(before[row] ?? []));
    if (common === -1) {
      continue;
    }
    const ends = blockEnds(lines, common);
    for (const [index, end] of ends.entries()) {
      const shown = end - (index === 0 ? common : ends[index - 1]);
      frames.push({
        lines: lines.slice(0, end),
        seconds: Math.min(SECONDS.longest, SECONDS.block + shown * SECONDS.line),
      });
    }
    const last = textOf(lines.at(-1));
    if (SPINNER.test(last)) {
      frames.at(-1).seconds = SECONDS.progress;
    } else if (last.startsWith('└') && screen !== screens.at(-1)) {
      frames.at(-1).seconds = SECONDS.question;
    }
    before = lines;
  }
  frames.at(-1).seconds = SECONDS.end;
  return frames;
}

/** A block begins with a mark in the first column, and has the empty line before it. */
function blockEnds(lines, from) {
  const ends = [];
  for (let row = from + 1; row < lines.length; row += 1) {
    if (/^[◇◆●]/.test(textOf(lines[row])) && row - 1 > from) {
      ends.push(row - 1);
    }
  }
  return [...ends, lines.length];
}

function replaced(line, ids) {
  return line.map((run, index) => {
    let text = run.text;
    for (const [pattern, by] of REPLACEMENTS) {
      text = text.replace(pattern, by);
    }
    text = text.replace(UUID, id => idOf(id, ids)).replace(SPINNER, '◒');
    if (DURATION.test(text)) {
      text = '0.5 s';
    }
    const framed = line.slice(index + 1).some(({ text: rest }) => /[│╮╯]/.test(rest));
    return { ...run, text: framed ? text.trimEnd().padEnd(run.text.length) : text };
  });
}

/** The first id of a run is always the same, and so on. */
function idOf(id, ids) {
  if (!ids.has(id)) {
    ids.set(id, `${String(ids.size + 1).repeat(8)}-5eed-4abc-8def-0123456789ab`);
  }
  return ids.get(id);
}

const textOf = line => line.map(({ text }) => text).join('');
