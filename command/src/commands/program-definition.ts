import path from 'node:path';
import type { LocalRuntimeDefinition } from 'stateful-mcp-local';
import { SDK_WARNING_SWITCH } from '../common/sdk-warning';

/** Longest name of a runtime. */
const LONGEST_NAME = 48;

/**
 * The command of a server as a runtime. It gets the environment of the user who starts it, without what this command
 * adds for itself.
 */
export function programDefinition(
  program: readonly string[],
): LocalRuntimeDefinition & { readonly command: readonly [string, ...string[]] } {
  const [command = '', ...args] = program;
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== SDK_WARNING_SWITCH,
    ),
  );
  return {
    name: runtimeName(path.basename(process.cwd())),
    command: [command, ...args],
    cwd: process.cwd(),
    environment,
  };
}

/** A text as a name that AgentCore takes. */
export function runtimeName(text: string): string {
  return (
    text
      .replace(/\W/g, '_')
      .replace(/^[^a-zA-Z]+/, '')
      .slice(0, LONGEST_NAME) || 'server'
  );
}
