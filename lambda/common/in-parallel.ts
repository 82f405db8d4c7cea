/**
 * Does several things at once, a few at a time. When one fails, the others are told to stop; the first failure is
 * thrown when all of them have.
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const siblings = new AbortController();
  const either = AbortSignal.any([signal, siblings.signal]);
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      if (failures.length > 0) {
        return;
      }
      await work(item, either).catch((failure: unknown) => {
        failures.push(failure);
        siblings.abort(failure);
      });
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) {
    throw failures[0];
  }
}
