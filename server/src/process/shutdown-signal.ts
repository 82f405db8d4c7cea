const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Runs `shutDown` at the first SIGTERM or SIGINT and then ends the process with exit code 0; a second signal ends it at
 * once, the way an unhandled one would. The function given back undoes this.
 */
export function onShutdownSignal(shutDown: (signal: string) => Promise<void>): () => void {
  let shuttingDown = false;
  const handlers = Object.entries(SIGNALS).map(([signal, number]) => {
    const handler = (): void => {
      if (shuttingDown) {
        process.exit(128 + number);
      }
      shuttingDown = true;
      shutDown(signal).then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers) {
      process.off(signal, handler);
    }
  };
}
