import { existsSync } from 'node:fs';
import path from 'node:path';

/** How the code of a zip file is started here. */
export interface CodeStart {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

/** The file that an entry point starts. */
export interface EntryFile {
  readonly entry: string;
  /** Whether AgentCore starts it by a wrapper that the code's own libraries bring; it sends traces to AWS. */
  readonly isTraced: boolean;
}

export const TRACING_WRAPPER = 'opentelemetry-instrument';

/**
 * Lines reach the log as they are written, and nothing is written into the asset, whose content is what gets deployed.
 */
export const PYTHON_ENVIRONMENT: Readonly<Record<string, string>> = {
  PYTHONUNBUFFERED: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};

export function entryFileOf(entryPoint: readonly string[]): EntryFile {
  const isTraced = entryPoint[0] === TRACING_WRAPPER;
  return { entry: entryPoint[isTraced ? 1 : 0] ?? '', isTraced };
}

export function holdsEntry(directory: string, entry: string): boolean {
  return entry !== '' && existsSync(path.join(directory, entry));
}

/** Undefined for an interpreter, such as `NODE_22`, that is not known here. */
export function codeStart(interpreter: string, entry: string): CodeStart | undefined {
  if (interpreter.startsWith('NODE_')) {
    return { command: [process.execPath, entry], environment: {} };
  }
  if (interpreter.startsWith('PYTHON_')) {
    return { command: ['python3', entry], environment: PYTHON_ENVIRONMENT };
  }
  return undefined;
}
