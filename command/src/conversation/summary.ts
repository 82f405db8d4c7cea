import type { LocalRuntime } from 'stateful-mcp-local';
import { printable } from '../common/printable';
import { costText, durationText, valueText } from './text-format';

/** What a conversation left behind. */
export interface Summary {
  readonly session: readonly (readonly [label: string, text: string])[];
  readonly tables: readonly { readonly name: string; readonly items: readonly string[] }[];
}

/** Looks at the session and the tables of a local runtime. */
export async function summarize(runtime: LocalRuntime, sessionId: string | undefined): Promise<Summary> {
  const session = runtime.sessions().find(candidate => candidate.sessionId === sessionId);
  const description = runtime.runtimes.find(({ name }) => name === session?.runtimeName);
  const tables = await Promise.all(
    runtime.tables().map(async ({ name }) => ({ name, items: (await runtime.scanTable(name)).map(itemText) })),
  );
  return {
    tables,
    session: [
      ['session', sessionId ?? '(none)'],
      ...(session === undefined || description === undefined
        ? []
        : ([
            ['process', `${session.pid} of runtime ${session.runtimeName}, ${session.state}`],
            [
              'idle timeout',
              `${durationText(description.idleTimeoutSeconds * 1000)} (${durationText(session.idleTimeLeftMs)} left)`,
            ],
            [
              'max lifetime',
              `${durationText(description.maxLifetimeSeconds * 1000)} (${durationText(session.lifetimeLeftMs)} left)`,
            ],
            ['cost so far', costText(session.cost)],
          ] as const)),
    ],
  };
}

/** An item of a table on one line, in the order it was stored with. */
function itemText(item: Record<string, unknown>): string {
  return printable(
    Object.entries(item)
      .map(([name, value]) => `${name}=${valueText(value)}`)
      .join('  '),
  );
}
