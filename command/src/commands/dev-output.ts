import type {
  LocalRuntime,
  LocalRuntimeListener,
  RuntimeDescription,
  SessionLogEntry,
  SessionStartedEvent,
  SessionStoppedEvent,
} from 'stateful-mcp-local';
import type { DevDocument } from '../common/json-documents';
import type { Paint } from '../common/paint';
import { printJson } from '../common/print-json';
import { printableLine } from '../common/printable';
import { logLine, shortSessionId } from '../conversation/server-log';
import { costText, durationText } from '../conversation/text-format';
import type { DevLog } from '../logs/dev-log';

/** What `dev` says: for people or, line by line, for programs; and for `logs`. */
export class DevOutput {
  /** Gets what is said from now on, too. */
  public log?: DevLog;

  public constructor(
    private readonly json: boolean,
    private readonly paint: Paint,
  ) {}

  public note(text: string, colour?: Parameters<Paint>[0]): void {
    this.log?.add(text);
    this.say({ type: 'note', message: text }, colour ? this.paint(colour, text) : text);
  }

  /** Text that programs have no use for. */
  public hint(line: string): void {
    if (!this.json) {
      process.stdout.write(`${line}\n`);
    }
  }

  public logged(entry: SessionLogEntry): void {
    const { runtimeName, sessionId, pid, stream, line } = entry;
    this.log?.add(line, sessionId);
    this.say(
      {
        type: 'log',
        ...(runtimeName !== '' && { runtime: runtimeName }),
        ...(sessionId !== undefined && { session: sessionId }),
        pid,
        stream,
        message: line,
      },
      logLine(entry),
    );
  }

  /** Says where runtimes are. */
  public serving(
    runtimes: readonly RuntimeDescription[],
    { url }: LocalRuntimeListener,
    path: 'mcp' | 'invocations',
  ): void {
    for (const { name, invocationPath, idleTimeoutSeconds, maxLifetimeSeconds } of runtimes) {
      const address = `${url}${runtimes.length === 1 ? '' : `/${name}`}/${path}`;
      const invocationUrl = url + invocationPath;
      this.say(
        { type: 'serving', runtime: name, url: address, invocationUrl, idleTimeoutSeconds, maxLifetimeSeconds },
        [
          '',
          `${name}  (idle timeout ${durationText(idleTimeoutSeconds * 1000)}, max lifetime ${durationText(maxLifetimeSeconds * 1000)})`,
          `  ${address}`,
          `  ${invocationUrl}`,
        ].join('\n'),
      );
    }
  }

  /** Says when sessions begin and end. */
  public watch({ events }: LocalRuntime): void {
    events.on('session-started', event => this.sessionStarted(event));
    events.on('session-stopped', event => this.sessionStopped(event));
  }

  private sessionStarted({ sessionId: session, runtimeName: runtime, pid }: SessionStartedEvent): void {
    this.log?.add(`session started, process ${pid}`, session);
    this.say(
      { type: 'session-started', runtime, session, pid },
      this.paint(
        'dim',
        `[${runtime} ${shortSessionId(session)}] session ${printableLine(session)} started, process ${pid}`,
      ),
    );
  }

  private sessionStopped(event: SessionStoppedEvent): void {
    const { sessionId: session, runtimeName: runtime, reason, exitCode, signal, cost } = event;
    const exit = signal ? `, ${signal}` : exitCode ? `, exit code ${exitCode}` : '';
    const text = `session ended: ${reason}${exit}; ${costText(cost)}`;
    this.log?.add(text, session);
    this.say(
      { type: 'session-stopped', runtime, session, reason, exitCode, signal, estimatedUsd: cost.estimatedUsd },
      this.paint('dim', `[${runtime} ${shortSessionId(session)}] ${text}`),
    );
  }

  private say(document: DevDocument, text: string): void {
    if (this.json) {
      printJson(document);
    } else {
      process.stdout.write(`${text}\n`);
    }
  }
}
