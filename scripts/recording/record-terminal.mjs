import { spawn } from 'node:child_process';
import xterm from '@xterm/headless';

/** The last line of a question of @clack/prompts: whoever sees it may answer. */
const QUESTION_END = /└\x1b\[39m\r\n$/;
/** A redrawn line of progress. */
const PROGRESS = /\r\x1b\[2K[^\r]*? (\d+\/\d+) [^\x1b\r]*/g;
const TIME_LIMIT_MS = 120_000;

/**
 * Runs a command in a terminal and takes every question's first answer, by Enter.
 * Gives what the terminal shows at each question, at each step of progress and at the end:
 * lines of runs, `{ text, colour, bold, dim }`, from the first line on, whether or not it has scrolled away.
 */
export async function recordTerminal(command, { columns, rows, cwd }) {
  const { output, questions } = await run(command, { columns, rows, cwd });
  const progress = [...output.matchAll(PROGRESS)].map(match => match.index + match[0].length);
  const stops = [...new Set([...questions, ...progress, output.length])].sort((left, right) => left - right);

  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const screens = [];
  let from = 0;
  for (const to of stops) {
    await new Promise(resolve => terminal.write(output.slice(from, to), resolve));
    screens.push(linesOf(terminal));
    from = to;
  }
  terminal.dispose();
  return screens;
}

function run(command, { columns, rows, cwd }) {
  return new Promise((resolve, reject) => {
    // npm says what it starts, with the version; the colours do not depend on who records.
    const { NO_COLOR, FORCE_COLOR, CI, ...inherited } = process.env;
    const env = { ...inherited, TERM: 'xterm-256color', npm_config_loglevel: 'silent', npm_config_progress: 'false' };
    const child = spawn('script', ['-qec', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const tooLong = setTimeout(() => child.kill(), TIME_LIMIT_MS);
    let output = '';
    const questions = [];
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text;
      if (!QUESTION_END.test(output)) {
        return;
      }
      questions.push(output.length);
      child.stdin.write('\r');
    });
    child.once('error', reject);
    child.once('close', code => {
      clearTimeout(tooLong);
      if (code === 0) {
        resolve({ output, questions });
      } else {
        reject(new Error(`\`${command}\` ended with ${code}:\n${output}`));
      }
    });
  });
}

function linesOf(terminal) {
  const buffer = terminal.buffer.active;
  const lines = Array.from({ length: buffer.length }, (_, row) => runsOf(buffer.getLine(row)));
  while (lines.length > 0 && lines.at(-1).every(({ text }) => text.trim() === '')) {
    lines.pop();
  }
  return lines;
}

function runsOf(line) {
  const runs = [];
  for (let column = 0; column < line.length; column += 1) {
    const cell = line.getCell(column);
    const style = {
      colour: cell.isFgDefault() ? undefined : cell.getFgColor(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    };
    const last = runs.at(-1);
    if (last && last.colour === style.colour && last.bold === style.bold && last.dim === style.dim) {
      last.text += cell.getChars() || ' ';
    } else {
      runs.push({ ...style, text: cell.getChars() || ' ' });
    }
  }
  return runs;
}
