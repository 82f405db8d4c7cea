import type { Shutdown } from '../common/shutdown';

/** The user pressed Esc at a question. */
export const ESCAPED = Symbol('escaped');

type Clack = typeof import('@clack/prompts');

/** What every prompt gets: where to show itself, and when to go away. */
export interface PromptOptions {
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

interface Key {
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly name?: string;
}

/**
 * The user at the keyboard. Tells Esc (leave this question) from Ctrl-C (end everything), which a prompt reports alike.
 */
export class Keyboard {
  public static async open(shutdown: Shutdown, output: NodeJS.WriteStream): Promise<Keyboard> {
    return new Keyboard(await import('@clack/prompts'), shutdown, output);
  }

  private constructor(
    public readonly clack: Clack,
    private readonly shutdown: Shutdown,
    public readonly output: NodeJS.WriteStream,
  ) {}

  /**
   * Shows a prompt for a text. What is typed takes the place of the text that is filled in, as in a field of a form
   * that is selected; Backspace and the arrow keys edit it.
   */
  public async askText<T>(
    prompt: (options: PromptOptions) => Promise<T>,
    until?: AbortSignal,
  ): Promise<Exclude<T, symbol> | typeof ESCAPED> {
    let untouched = true;
    const onKey = (character: string | undefined, { ctrl = false, meta = false }: Key): void => {
      if (!untouched) {
        return;
      }
      untouched = false;
      if (character !== undefined && /^[^\p{Cc}]/u.test(character) && !ctrl && !meta) {
        process.stdin.emit('keypress', undefined, { ctrl: true, meta: false, shift: false, name: 'u' });
      }
    };
    process.stdin.prependListener('keypress', onKey);
    try {
      return await this.ask(prompt, until);
    } finally {
      process.stdin.off('keypress', onKey);
    }
  }

  /** Shows a prompt. Rejects on Ctrl-C; also on `until`, when nobody waits for the answer any more. */
  public async ask<T>(
    prompt: (options: PromptOptions) => Promise<T>,
    until?: AbortSignal,
  ): Promise<Exclude<T, symbol> | typeof ESCAPED> {
    const signal = until ? AbortSignal.any([until, this.shutdown.signal]) : this.shutdown.signal;
    signal.throwIfAborted();
    const onKey = (_character: string | undefined, key: Key): void => {
      // After the prompt has seen the key too, and has given the keyboard back.
      if (key.ctrl && key.name === 'c') {
        setImmediate(() => this.shutdown.request('SIGINT'));
      }
    };
    process.stdin.prependListener('keypress', onKey);
    try {
      const answer = await prompt({ output: this.output, signal });
      if (!this.clack.isCancel(answer)) {
        return answer as Exclude<T, symbol>;
      }
      await new Promise(setImmediate);
      signal.throwIfAborted();
      return ESCAPED;
    } finally {
      process.stdin.off('keypress', onKey);
    }
  }
}
