import {
  endKeptSession,
  fileSessionStore,
  resolveTarget,
  type SessionStore,
  type StoredSession,
} from 'stateful-mcp-client';
import type { SessionsInvocation, StopInvocation } from '../../command-line/invocation';
import { clientErrorText } from '../../common/client-error-text';
import { CommandError, EXIT } from '../../common/command-error';
import type { SessionsDocument, StopDocument } from '../../common/json-documents';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import { authOf } from '../../connection/connection';
import { printable } from '../../common/printable';
import { durationText } from '../../conversation/text-format';
import { terminalOf } from '../../terminal/terminal';

type Kept = StoredSession & { readonly key?: string };

/** Shows the sessions that the store knows. */
export async function sessions({ json }: SessionsInvocation, shutdown: Shutdown): Promise<number> {
  const kept = [...(await shutdown.orEnd(fileSessionStore().list()))].sort((left, right) =>
    right.lastUsedAt.localeCompare(left.lastUsedAt),
  );
  if (json) {
    printJson(document(kept));
    return EXIT.ok;
  }
  const { paint } = terminalOf({ stdin: process.stdin, output: process.stdout, env: process.env, yes: true });
  if (kept.length === 0) {
    process.stdout.write(
      'no session is kept on this machine: `call`, `chat`, `tools` … keep one with --session NAME\n',
    );
    return EXIT.ok;
  }
  for (const { name, url, sessionId, startedAt, lastUsedAt } of kept) {
    const lines = [
      paint('bold', printable(name)),
      `  server   ${printable(url)}`,
      `  session  ${printable(sessionId)}`,
      `  started  ${agoText(startedAt)}, last used ${agoText(lastUsedAt)}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  process.stdout.write(
    `\n${paint('dim', 'Which of them still live is not known: AgentCore has no list, and asking would start one that has ended.')}\n`,
  );
  return EXIT.ok;
}

function document(kept: readonly StoredSession[]): SessionsDocument {
  return {
    sessions: kept.map(({ name, url, sessionId, runtimeSessionId, startedAt, lastUsedAt }) => ({
      name,
      server: url,
      session: sessionId,
      ...(runtimeSessionId !== undefined && { runtimeSession: runtimeSessionId }),
      startedAt,
      lastUsedAt,
    })),
  };
}

function agoText(at: string): string {
  const ago = Date.now() - new Date(at).getTime();
  return ago < 1000 ? 'now' : `${durationText(ago)} ago`;
}

/** Ends sessions, and forgets those that are over. */
export async function stop(invocation: StopInvocation, shutdown: Shutdown): Promise<number> {
  const store = fileSessionStore();
  const wanted = await shutdown.orEnd(sessionsToEnd(invocation, store));
  const auth = await authOf(invocation.auth, false);
  const stopped: StopDocument['stopped'] = [];
  for (const session of wanted) {
    stopped.push(await shutdown.orEnd(end(session, store, auth)));
  }
  if (invocation.json) {
    printJson<StopDocument>({ stopped });
  } else {
    for (const { name, server, session, ended, error } of stopped) {
      const what = `session ${session}${name === undefined ? '' : ` (${name})`} of ${server}`;
      process.stdout.write(`${printable(ended ? `ended ${what}` : `could not end ${what}: ${error ?? ''}`)}\n`);
    }
    if (stopped.length === 0) {
      process.stdout.write('there is no session to end\n');
    }
  }
  return stopped.every(({ ended }) => ended) ? EXIT.ok : EXIT.failed;
}

async function sessionsToEnd({ which, target }: StopInvocation, store: SessionStore): Promise<Kept[]> {
  const url =
    target && (await resolveTarget(target.address, { qualifier: target.qualifier, region: target.region })).url.href;
  if (which.by === 'id') {
    return [
      {
        url: url ?? '',
        name: '',
        sessionId: which.id,
        initializeResult: {},
        startedAt: '',
        lastUsedAt: '',
      },
    ];
  }
  const kept = (await store.list()).filter(session => url === undefined || session.url === url);
  if (which.by === 'all') {
    return [...kept];
  }
  const named = kept.filter(({ name }) => name === which.name);
  if (named.length === 0) {
    const names = [...new Set(kept.map(({ name }) => name))].sort();
    throw new CommandError(
      `no session \`${which.name}\` is kept here. There is: ${names.join(', ') || 'none'}`,
      EXIT.usage,
    );
  }
  return named;
}

async function end(
  session: Kept,
  store: SessionStore,
  auth: Awaited<ReturnType<typeof authOf>>,
): Promise<StopDocument['stopped'][number]> {
  const { key, name, url, sessionId } = session;
  const told = { ...(key !== undefined && { name }), server: url, session: sessionId };
  try {
    if (!(await endKeptSession(session, { ...(auth && { auth }) }))) {
      return { ...told, ended: false, error: 'the server does not let its clients end sessions (405)' };
    }
  } catch (error) {
    return { ...told, ended: false, error: clientErrorText(error as Error) };
  }
  if (key !== undefined) {
    await store.remove(key);
  }
  return { ...told, ended: true };
}
