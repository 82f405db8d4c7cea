import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What an app has of Transaction Search, and who waits for it. */
interface Announcements {
  readonly found: IConstruct[];
  readonly waiting: [IConstruct, (search: IConstruct) => void][];
}

const APPS = new WeakMap<IConstruct, Announcements>();

/** Calls back once when the app has Transaction Search for the account and Region of `scope`, now or later. */
export function whenTransactionSearch(scope: IConstruct, then: (search: IConstruct) => void): void {
  const { found, waiting } = announcementsOf(scope);
  const search = found.find(other => isForSame(other, scope));
  if (search === undefined) {
    waiting.push([scope, then]);
  } else {
    then(search);
  }
}

/** @returns one that was announced earlier for the same account and Region; then this one is not announced */
export function announceTransactionSearch(search: IConstruct): IConstruct | undefined {
  const { found, waiting } = announcementsOf(search);
  const earlier = found.find(other => isForSame(other, search));
  if (earlier !== undefined) {
    return earlier;
  }
  found.push(search);
  for (const [scope, then] of waiting) {
    if (isForSame(scope, search)) {
      then(search);
    }
  }
  return undefined;
}

function announcementsOf(scope: IConstruct): Announcements {
  const { root } = scope.node;
  const announcements = APPS.get(root) ?? { found: [], waiting: [] };
  APPS.set(root, announcements);
  return announcements;
}

function isForSame(one: IConstruct, other: IConstruct): boolean {
  return Stack.of(one).environment === Stack.of(other).environment;
}
