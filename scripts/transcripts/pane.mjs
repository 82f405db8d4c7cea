import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const COLUMNS = 100;
const ROWS = 45;
const TIME_LIMIT_MS = 120_000;
const BETWEEN_LOOKS_MS = 100;

/** A shell in a pseudo-terminal of tmux, on a server of its own. */
export class Pane {
  constructor(socket, { cwd, env }) {
    this.socket = socket;
    this.tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      String(COLUMNS),
      '-y',
      String(ROWS),
      '-c',
      cwd,
      ['env', ...Object.entries(env).map(([name, value]) => `'${name}=${value}'`), 'bash --norc --noprofile'].join(' '),
    );
    this.tmux('set-option', '-g', 'history-limit', '5000');
  }

  /** Types text, as it is. */
  async type(text) {
    this.tmux('send-keys', '-l', text);
    await sleep(BETWEEN_LOOKS_MS);
  }

  /** Presses a key by its name in tmux: `Enter`, `Tab`, `C-c`. */
  async press(key) {
    this.tmux('send-keys', key);
    await sleep(BETWEEN_LOOKS_MS);
  }

  /** Waits until the last line with something in it is this. */
  async until(pattern) {
    const end = Date.now() + TIME_LIMIT_MS;
    while (!pattern.test(this.shown().at(-1) ?? '')) {
      if (Date.now() > end) {
        throw new Error(`the terminal does not show ${pattern}:\n${this.shown().join('\n')}`);
      }
      await sleep(BETWEEN_LOOKS_MS);
    }
  }

  /** All lines, also those that have scrolled away. */
  shown() {
    const lines = this.tmux('capture-pane', '-p', '-S', '-')
      .split('\n')
      .map(line => line.trimEnd());
    return lines.slice(0, lines.findLastIndex(line => line !== '') + 1);
  }

  clear() {
    this.tmux('send-keys', '-R');
    this.tmux('clear-history');
  }

  close() {
    this.tmux('kill-server');
  }

  tmux(...words) {
    return execFileSync('tmux', ['-L', this.socket, ...words], { encoding: 'utf8' });
  }
}
