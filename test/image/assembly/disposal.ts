const open: (() => void | Promise<void>)[] = [];

/** Remembers how to end something that a test started. */
export function onEnd(end: () => void | Promise<void>): void {
  open.push(end);
}

/** Ends everything, the newest first. */
export async function endAll(): Promise<void> {
  for (const end of open.splice(0).reverse()) {
    await end();
  }
}
