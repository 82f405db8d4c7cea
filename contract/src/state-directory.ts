import os from 'node:os';
import path from 'node:path';

/** Where programs of this user keep what should stay: `XDG_STATE_HOME`, or what the platform has in its place. */
export function stateDirectory(): string {
  const base =
    process.env.XDG_STATE_HOME ||
    (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ||
    path.join(os.homedir(), '.local', 'state');
  return path.join(base, 'stateful-mcp');
}
