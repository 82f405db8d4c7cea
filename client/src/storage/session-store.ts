import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { stateDirectory } from 'stateful-mcp-contract';
import { readText, writePrivate } from './private-file';

/** A session that outlives the process that started it. */
export interface StoredSession {
  /** The URL that it is at. */
  readonly url: string;
  /** Name by which it is found again. */
  readonly name: string;
  readonly sessionId: string;
  /** AgentCore's own id of it, which `StopRuntimeSession` takes. */
  readonly runtimeSessionId?: string;
  /** Its own URL at AgentCore, where it has one. */
  readonly endpointUrl?: string;
  /** The server's answer to `initialize`. */
  readonly initializeResult: Readonly<Record<string, unknown>>;
  readonly startedAt: string;
  readonly lastUsedAt: string;
}

/** Where sessions are kept, so that another process goes on with them. */
export interface SessionStore {
  read(key: string): Promise<StoredSession | undefined>;
  write(key: string, session: StoredSession): Promise<void>;
  remove(key: string): Promise<void>;
  /** All that are known; whether they still live nobody can tell without starting them again. */
  list(): Promise<readonly (StoredSession & { readonly key: string })[]>;
}

/**
 * Keeps sessions in files that only this user can read (mode 0600).
 *
 * @param directory - `stateful-mcp/sessions` in `XDG_STATE_HOME`, or in `~/.local/state`, when left out
 */
export function fileSessionStore(directory = path.join(stateDirectory(), 'sessions')): SessionStore {
  const fileOf = (key: string): string => path.join(directory, `${key}.json`);
  const read = async (key: string): Promise<StoredSession | undefined> => sessionIn(await readText(fileOf(key)));
  return {
    read,
    write: (key, session) => writePrivate(fileOf(key), JSON.stringify(session)),
    remove: key => rm(fileOf(key), { force: true }),
    list: async () => {
      const names = await readdir(directory).catch(() => []);
      const keys = names.filter(name => name.endsWith('.json')).map(name => name.slice(0, -'.json'.length));
      const sessions = await Promise.all(keys.map(async key => ({ key, session: await read(key) })));
      return sessions.flatMap(({ key, session }) => (session === undefined ? [] : [{ ...session, key }]));
    },
  };
}

/** The key of a session: programs that declare other capabilities would not understand each other's questions. */
export function sessionKey(url: string, name: string, capabilities: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([url, name, capabilities]))
    .digest('hex')
    .slice(0, 32);
}

function sessionIn(text: string | undefined): StoredSession | undefined {
  try {
    const session = JSON.parse(text ?? '') as StoredSession;
    return typeof session.sessionId === 'string' && typeof session.initializeResult === 'object' ? session : undefined;
  } catch {
    return undefined;
  }
}
