import { styleText } from 'node:util';
import { type Paint } from '../common/paint';

/** What the terminal can do, and what the user wants of it. */
export interface Terminal {
  /** Whether there is a user to ask. */
  readonly interactive: boolean;
  readonly paint: Paint;
}

interface Stream {
  readonly isTTY?: boolean;
}

interface TerminalSource {
  readonly stdin: Stream;
  /** Where the conversation is shown. */
  readonly output: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--yes` */
  readonly yes: boolean;
}

/** A terminal that cannot move its cursor is not asked anything: the prompts would be unreadable in it. */
export function terminalOf({ stdin, output, env, yes }: TerminalSource): Terminal {
  const capable = output.isTTY === true && env.TERM !== 'dumb';
  const colours = forced(env) ?? (capable && !env.NO_COLOR);
  return {
    interactive: capable && stdin.isTTY === true && !yes,
    paint: colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text,
  };
}

/** FORCE_COLOR as Node.js reads it: 0 or false switch colours off, anything else switches them on, NO_COLOR or not. */
function forced({ FORCE_COLOR: force }: TerminalSource['env']): boolean | undefined {
  return force === undefined ? undefined : force !== '0' && force !== 'false';
}
