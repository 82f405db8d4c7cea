import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { temporaryFolder } from '../common/temporary-folder';

/** Names another folder than that of the operating system for caches. */
const CACHE_VARIABLE = 'CDK_STATEFUL_MCP_CACHE';

/** What nobody used for two weeks goes, and of more than this many entries those that were not used the longest. */
const KEPT_MS = 14 * 24 * 3600_000;
const KEPT_ENTRIES = 1000;

/** What was used a moment ago may be in use by another synthesis. */
const IN_USE_MS = 3600_000;

const UNFINISHED = '.new-';

const roots = new Map<string, string>();

/**
 * A folder with what is made of some inputs, kept outside of the project for the next synthesis. It appears whole or
 * not at all, so any number of syntheses may make the same one.
 *
 * @param inputs - all that decides about the contents, as JSON has it
 * @param make - puts the contents into an empty folder
 */
export function cachedFolder(inputs: unknown, make: (folder: string) => void): string {
  const root = cacheRoot();
  const target = path.join(root, digestOfKey(inputs));
  if (existsSync(target)) {
    touch(target);
    return target;
  }
  const folder = path.join(root, `${UNFINISHED}${randomUUID()}`);
  mkdirSync(folder);
  try {
    make(folder);
    renameSync(folder, target);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    // Another synthesis was faster.
    if (!existsSync(target)) {
      throw error;
    }
  }
  removeOld(root);
  return target;
}

/** What a synthesis has written down under a key, if it is still there. */
export function recall(key: unknown): unknown {
  const file = path.join(cacheRoot(), `${digestOfKey(key)}.json`);
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    touch(file);
    return value;
  } catch {
    return undefined;
  }
}

/** Writes down a value, in JSON, in the place of the one before. */
export function remember(key: unknown, value: unknown): void {
  const root = cacheRoot();
  const file = path.join(root, `${UNFINISHED}${randomUUID()}`);
  writeFileSync(file, JSON.stringify(value));
  renameSync(file, path.join(root, `${digestOfKey(key)}.json`));
}

function digestOfKey(key: unknown): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex');
}

/** Removes what has turned out to be of no use. */
export function removeCached(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Where that is not to be written to, things are kept until the process ends. */
function cacheRoot(): string {
  const wanted = process.env[CACHE_VARIABLE] ?? path.join(systemCaches(), 'cdk-stateful-mcp');
  const known = roots.get(wanted);
  if (known !== undefined && existsSync(known)) {
    return known;
  }
  const root = isWritable(wanted) ? wanted : temporaryFolder();
  roots.set(wanted, root);
  return root;
}

function isWritable(root: string): boolean {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const probe = path.join(root, `${UNFINISHED}${randomUUID()}`);
    mkdirSync(probe);
    rmSync(probe, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

function systemCaches(): string {
  switch (os.platform() as string) {
    case 'win32':
      return process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local');
    case 'darwin':
      return path.join(os.homedir(), 'Library', 'Caches');
    default:
      // https://specifications.freedesktop.org/basedir-spec/latest/: a relative path counts as none
      return path.isAbsolute(process.env.XDG_CACHE_HOME ?? '')
        ? (process.env.XDG_CACHE_HOME as string)
        : path.join(os.homedir(), '.cache');
  }
}

function touch(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // Somebody else's, or removed a moment ago: then what reads it says so.
  }
}

/** Exported for tests: `now` in milliseconds. */
export function removeOld(root: string, now: number = Date.now(), keptEntries: number = KEPT_ENTRIES): void {
  const entries = readdirSync(root)
    .map(name => path.join(root, name))
    .map(folder => ({ folder, age: now - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now) }))
    .sort((left, right) => left.age - right.age);
  entries
    .filter(({ age }, index) => age > KEPT_MS || (index >= keptEntries && age > IN_USE_MS))
    .forEach(({ folder }) => {
      removeCached(folder);
    });
}
