import { plainText } from '../common/plain-text';
import type { UnloggedEvent } from './event-log';

const WINDOW_MS = 10_000;
const LINES_IN_A_WINDOW = 20;
const LONGEST_CAUSE = 300;

type Note = (line: string, runtimeName: string | undefined) => void;

/**
 * Says in the log what the platform refuses and why: the client gets no more than the sentence of the documentation.
 *
 * The same refusal is said once in 10 s, and no more than 20 of them; how many were not said is told with the next one.
 */
export class RefusalLog {
  private readonly said = new Map<string, number>();
  private unsaid = 0;

  public constructor(private readonly note: Note) {}

  public record(event: UnloggedEvent, now: number): void {
    const line = refusalOf(event);
    if (line === undefined) {
      return;
    }
    for (const [text, at] of this.said) {
      if (now - at >= WINDOW_MS) {
        this.said.delete(text);
      }
    }
    const key = `${runtimeNameOf(event) ?? ''} ${line}`;
    if (this.said.has(key) || this.said.size >= LINES_IN_A_WINDOW) {
      this.unsaid++;
      return;
    }
    this.said.set(key, now);
    const more = this.unsaid === 0 ? '' : ` (${this.unsaid} more refused since the last line)`;
    this.unsaid = 0;
    this.note(`${line}${more}`, runtimeNameOf(event));
  }
}

/**
 * Undefined for what was no refusal of the platform; a failure of the server (RuntimeClientError) reaches its client
 * with its cause.
 */
function refusalOf(event: UnloggedEvent): string | undefined {
  if (
    (event.type !== 'request' && event.type !== 'operation') ||
    event.error === undefined ||
    event.error.name === 'RuntimeClientError'
  ) {
    return undefined;
  }
  const what = (event.type === 'request' ? event.rpcMethod : event.operation) ?? event.method;
  const { name, message } = event.error;
  return `refused ${plainText(what, 100)}: ${name}, ${plainText(message, LONGEST_CAUSE)}`;
}

function runtimeNameOf(event: UnloggedEvent): string | undefined {
  return 'runtimeName' in event ? event.runtimeName : undefined;
}
