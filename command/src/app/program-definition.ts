import path from 'node:path';
import type { LocalRuntimeDefinition } from 'stateful-mcp-local';
import { SDK_WARNING_SWITCH } from '../common/sdk-warning';

/** A server that is no part of a CDK app. */
export interface OwnProgram {
  /** The command, and its arguments. */
  readonly program?: readonly string[];
  readonly image?: string;
  /** What the template says of a runtime of an app. */
  readonly definition?: Partial<LocalRuntimeDefinition>;
}

/**
 * The definition of a server that is no part of a CDK app. A program gets the environment of the user who starts it,
 * without what this command adds for itself.
 */
export function programDefinition({ program, image, definition }: OwnProgram): LocalRuntimeDefinition | undefined {
  if (image !== undefined) {
    return { name: runtimeName(path.basename(image).replace(/[:@].*/, '')), image, ...definition };
  }
  if (program === undefined) {
    return undefined;
  }
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
    ...definition,
  };
}

function runtimeName(text: string): string {
  return (
    text
      .replace(/\W/g, '_')
      .replace(/^[^a-zA-Z]+/, '')
      .slice(0, 48) || 'server'
  );
}
