/**
 * A promise that is waited for later, or not at all when something else fails before: then its own failure is nobody's.
 */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
