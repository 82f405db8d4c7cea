/**
 * Marks a promise that may never be awaited, so that its rejection is not reported as unhandled.
 */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
