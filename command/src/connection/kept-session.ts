import type { ConnectRequest } from 'stateful-mcp-client';

/** What keeps the session of `--session` for the commands after this one; nothing without a name. */
export async function keptSession(name: string | undefined): Promise<Pick<ConnectRequest, 'sessions' | 'sessionName'>> {
  if (name === undefined) {
    return {};
  }
  const { fileSessionStore } = await import('stateful-mcp-client');
  return { sessions: fileSessionStore(), sessionName: name };
}
