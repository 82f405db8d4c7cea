import { createInterface } from 'node:readline';
import type { Shutdown } from '../common/shutdown';
import type { Completions } from './completion';
import type { LineHistory } from './line-history';

/** Where the lines of a chat come from. */
export interface LineSource {
  /** The next line; `undefined` when there are no more. Rejects when the command has to end. */
  next(): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface TypedLinesOptions {
  readonly prompt: string;
  readonly output: NodeJS.WriteStream;
  readonly history: LineHistory;
  readonly complete: (line: string) => Completions;
  readonly shutdown: Shutdown;
}

/**
 * Lines that a person types, with editing, history and completion. The keyboard is given back between two lines: a call
 * may ask for something, and Ctrl-C is a signal then.
 */
export function typedLines({ prompt, output, history, complete, shutdown }: TypedLinesOptions): LineSource {
  return {
    next: async () => {
      shutdown.signal.throwIfAborted();
      const lines = createInterface({
        input: process.stdin,
        output,
        terminal: true,
        history: history.newestFirst,
        prompt,
        completer: (line: string): [string[], string] => {
          const [candidates, unfinished] = complete(line);
          return [[...candidates], unfinished];
        },
      });
      const end = (): void => lines.close();
      shutdown.signal.addEventListener('abort', end, { once: true });
      try {
        const line = await new Promise<string | undefined>(resolve => {
          lines.once('line', resolve).once('close', () => resolve(undefined));
          lines.on('SIGINT', () => {
            // As in a shell: first the line goes, then the program.
            if (lines.line === '') {
              shutdown.request('SIGINT');
            } else {
              output.write('\n');
              lines.write(null, { ctrl: true, name: 'e' });
              lines.write(null, { ctrl: true, name: 'u' });
            }
          });
          lines.prompt();
        });
        shutdown.signal.throwIfAborted();
        if (line !== undefined) {
          history.add(line);
        }
        return line;
      } finally {
        shutdown.signal.removeEventListener('abort', end);
        lines.close();
      }
    },
    close: () => history.save(),
  };
}

/** Lines of standard input that is no terminal. */
export function pipedLines(shutdown: Shutdown): LineSource {
  const lines: AsyncIterator<string, undefined> = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { value, done } = await shutdown.orEnd(lines.next());
      return done === true ? undefined : value;
    },
    close: async () => {
      process.stdin.destroy();
      await lines.return?.();
    },
  };
}
