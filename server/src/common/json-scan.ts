/** What has to be known of a message before anything walks through it recursively. */
export interface JsonScan {
  /** Most messages hold no null at all. */
  readonly holdsNull: boolean;
  readonly isTooDeep: boolean;
}

/** Looks at every value, level by level: the depth is the client's, so recursion could end in an overflow. */
export function scanJson(value: unknown, maxDepth: number): JsonScan {
  let holdsNull = false;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) {
      return { holdsNull, isTooDeep: true };
    }
    const next: unknown[] = [];
    for (const item of level) {
      if (item === null) {
        holdsNull = true;
      } else if (typeof item === 'object') {
        for (const member of Object.values(item)) {
          next.push(member);
        }
      }
    }
    level = next;
  }
  return { holdsNull, isTooDeep: false };
}
