import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started and that run; Linux alone. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(task =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(text => text !== '')
        .map(Number),
    );
  } catch {
    // It ended meanwhile.
    return [];
  }
}

/** Its children, and theirs. */
export function descendantsOf(pid: number): number[] {
  const found = childrenOf(pid);
  for (const child of found) {
    found.push(...childrenOf(child));
  }
  return found;
}
