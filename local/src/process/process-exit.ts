/** How a process ended. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `with exit code 1` or `by SIGKILL`. */
export function describeExit(exit: ProcessExit): string {
  return exit.signal === null ? `with exit code ${exit.exitCode ?? 'unknown'}` : `by ${exit.signal}`;
}
