import path from 'node:path';
import type { Stats } from 'node:fs';
import picomatch from 'picomatch';
import { type WatchSettings } from '../app/synthesize';

/** What `cdk watch` leaves out whatever cdk.json says, and what is made from sources. */
const NEVER = /^(\.|node_modules$|cdk\.out$|__pycache__$)|\.(d\.[cm]?ts|pyc)$/;

/**
 * Which files of the folder of a CDK app are not its sources: `watch` of cdk.json says so. Without it, those are that
 * are hidden, installed or made from others.
 */
export function ignoredInApp(
  folder: string,
  { include = '**', exclude = [] }: WatchSettings = {},
): (file: string, stats: Stats | undefined) => boolean {
  const isIncluded = picomatch([include].flat());
  const isExcluded = picomatch([exclude].flat(), { dot: true });
  return (file, stats) => {
    const relative = path.relative(folder, file);
    if (relative === '') {
      return false;
    }
    if (NEVER.test(path.basename(file))) {
      return true;
    }
    // What lies elsewhere is watched because something else names it.
    if (relative.startsWith('..')) {
      return false;
    }
    return isExcluded(relative) || (stats?.isFile() === true && !isIncluded(relative));
  };
}
