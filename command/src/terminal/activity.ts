import type { Paint } from '../common/paint';

const FRAMES = ['◒', '◐', '◓', '◑'];
const FRAME_MS = 80;
/** What is over before this is not worth a flicker. */
const DELAY_MS = 120;
const BAR_WIDTH = 24;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\r\x1b[2K';

/** How far something is. */
export interface Step {
  readonly progress: number;
  readonly total?: number;
}

/**
 * One line that moves while something is under way: a spinner, or a bar once it is known how far it is.
 * Leaves the keyboard alone, so that Ctrl-C stays a signal.
 */
export class Activity {
  private timer?: NodeJS.Timeout;
  private frame = 0;
  private text = '';
  private step?: Step;
  private shown = false;

  public constructor(
    private readonly output: NodeJS.WriteStream,
    private readonly paint: Paint,
  ) {
    process.on('exit', this.restoreCursor);
  }

  /** Shows what is under way. */
  public start(text: string): void {
    this.stop();
    this.text = text;
    this.step = undefined;
    this.timer = setInterval(() => this.draw(), FRAME_MS);
    this.timer.unref();
    this.frame = -Math.ceil(DELAY_MS / FRAME_MS);
  }

  /** Shows how far it is. */
  public update(step: Step, text: string): void {
    if (this.timer === undefined) {
      this.start(text);
    }
    this.step = step;
    this.text = text;
    this.frame = Math.max(this.frame, 0);
    this.draw();
  }

  /** Takes the line away. */
  public stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.shown) {
      this.output.write(CLEAR_LINE + SHOW_CURSOR);
    }
    this.shown = false;
  }

  public dispose(): void {
    this.stop();
    process.off('exit', this.restoreCursor);
  }

  private readonly restoreCursor = (): void => {
    if (this.shown) {
      this.output.write(SHOW_CURSOR);
    }
  };

  private draw(): void {
    if (this.frame >= 0) {
      const frame = this.paint('cyan', FRAMES[this.frame % FRAMES.length] ?? '');
      const bar = this.step ? `${barOf(this.step, this.paint)} ` : '';
      const room = Math.max(10, this.output.columns - 4 - (this.step?.total === undefined ? 0 : BAR_WIDTH + 6));
      const text = this.text.length > room ? `${this.text.slice(0, room - 1)}…` : this.text;
      this.output.write(`${CLEAR_LINE}${this.shown ? '' : HIDE_CURSOR}${frame}  ${bar}${text}`);
      this.shown = true;
    }
    this.frame += 1;
  }
}

/** A bar for a known total, otherwise nothing: the text tells the number. */
export function barOf({ progress, total }: Step, paint: Paint): string {
  if (total === undefined || total <= 0) {
    return '';
  }
  const share = Math.min(1, Math.max(0, progress / total));
  const filled = Math.round(share * BAR_WIDTH);
  return `${paint('green', '━'.repeat(filled))}${paint('dim', '─'.repeat(BAR_WIDTH - filled))} ${`${Math.round(share * 100)}%`.padStart(4)}`;
}
