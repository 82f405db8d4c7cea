// Runs the built command in a terminal. Linux: `script` of util-linux makes it.
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { COMMAND } from './run-command';

/** Long enough for a busy machine. */
const TIME_LIMIT_MS = 30_000;

export interface TerminalRun {
  /** Presses keys. */
  type(keys: string): void;
  /** Settles once this is on the screen, below what an earlier call has waited for. */
  until(text: string): Promise<void>;
  readonly finished: Promise<number | null>;
  end(): void;
}

/** @param stdout - the file that standard output goes to, where it is not the terminal */
export function runInTerminal(args: readonly string[], env: Record<string, string>, stdout?: string): TerminalRun {
  const words = [process.execPath, COMMAND, ...args].map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn(
    'script',
    ['-qec', `stty cols 100 rows 40; ${words}${stdout === undefined ? '' : ` > '${stdout}'`}`, '/dev/null'],
    {
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm', NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let output = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const finished = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return {
    type: keys => child.stdin.write(keys),
    until: text =>
      new Promise((resolve, reject) => {
        const settle = (done: () => void): void => {
          clearTimeout(timer);
          child.stdout.off('data', check);
          child.off('close', onClose);
          done();
        };
        const fail = (why: string): void =>
          settle(() => reject(new Error(`${why} "${text}":\n${stripVTControlCharacters(output).slice(seen)}`)));
        const onClose = (): void => fail('ended without showing');
        const check = (): void => {
          const found = stripVTControlCharacters(output).indexOf(text, seen);
          if (found !== -1) {
            settle(() => {
              seen = found + text.length;
              resolve();
            });
          }
        };
        const timer = setTimeout(() => fail('has not shown'), TIME_LIMIT_MS);
        child.stdout.on('data', check);
        child.once('close', onClose);
        check();
      }),
    finished,
    end: () => child.kill('SIGKILL'),
  };
}
