// From what a terminal showed to what the picture shows, and for how long.
import { DURATION, idOf, REPLACEMENTS, UUID } from './replacements.mjs';

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

const textOf = line => line.map(({ text }) => text).join('');
