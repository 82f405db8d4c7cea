import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../common/clock';
import type { RuntimeVersion } from './runtime-version';
import { MOUNTS_VARIABLE, SESSION_STORAGE_VARIABLE } from 'stateful-mcp-contract';
import type { BucketMount } from '../model/runtime-definition';

/** Devguide, "filesystem configurations". */
const KEPT_MS = 14 * 24 * 3_600_000;

interface Stored {
  readonly directory: string;
  version: string;
  usedAt: number;
}

/**
 * The file systems of one runtime's sessions. Its session storage is a directory of each session, which it finds again
 * when it stops and comes back; a mounted bucket is a directory for each prefix.
 *
 * Session storage is emptied when the session comes back on another version of the runtime, or after 14 days. All is gone with
 * the local runtime.
 */
export class SessionStorage {
  private root: string | undefined;
  private readonly stored = new Map<string, Stored>();
  /** The ids that sessions had before their servers gave them others. */
  private readonly firstIds = new Map<string, string>();

  public constructor(private readonly clock: Clock) {}

  /** What the process of a session gets to know; undefined for a version without file systems. */
  public environmentOf(
    { version, definition }: Pick<RuntimeVersion, 'version' | 'definition'>,
    id: string,
  ): Readonly<Record<string, string>> | undefined {
    const { sessionStorage, bucketMounts } = definition.features;
    const mounts: Record<string, string> = {};
    for (const mount of bucketMounts) {
      mounts[mount.mountPath] = this.bucketDirectory(mount, id);
    }
    if (sessionStorage === undefined) {
      return bucketMounts.length === 0 ? undefined : { [MOUNTS_VARIABLE]: JSON.stringify(mounts) };
    }
    const directory = this.sessionDirectory(version, id);
    mounts[sessionStorage] = directory;
    return { [SESSION_STORAGE_VARIABLE]: directory, [MOUNTS_VARIABLE]: JSON.stringify(mounts) };
  }

  private sessionDirectory(version: string, id: string): string {
    const known = this.stored.get(id);
    const now = this.clock.now();
    const stored = known ?? { directory: this.newDirectory(), version, usedAt: now };
    if (stored.version !== version || now - stored.usedAt > KEPT_MS) {
      rmSync(stored.directory, { recursive: true, force: true });
    }
    // There in any case: where it is a mount point, no server can remove it.
    mkdirSync(stored.directory, { recursive: true });
    stored.version = version;
    stored.usedAt = now;
    this.stored.set(id, stored);
    return stored.directory;
  }

  /** A session has another id from now on. */
  public keep(id: string, firstId: string): void {
    const stored = this.stored.get(firstId);
    if (!this.firstIds.has(id)) {
      this.firstIds.set(id, firstId);
    }
    if (stored && !this.stored.has(id)) {
      this.stored.set(id, stored);
    }
  }

  /** A session was refused: its storage is not kept, unless its server has written to it. */
  public forget(id: string): void {
    const stored = this.stored.get(id);
    if (!stored || !removeIfEmpty(stored.directory)) {
      return;
    }
    for (const [known, { directory }] of this.stored) {
      if (directory === stored.directory) {
        this.stored.delete(known);
      }
    }
  }

  /** Removes every directory. */
  public close(): void {
    if (this.root !== undefined) {
      rmSync(this.root, { recursive: true, force: true });
    }
    this.stored.clear();
    this.firstIds.clear();
  }

  /** Whoever has the same prefix sees the same objects, whatever version it runs. */
  private bucketDirectory({ bucket, prefix }: BucketMount, id: string): string {
    const firstId = this.firstIds.get(id) ?? id;
    // Whatever ids its session is given from now on.
    this.firstIds.set(id, firstId);
    const objects = JSON.stringify([bucket, prefix.replaceAll('{runtimeSessionId}', firstId)]);
    const name = `bucket-${createHash('sha256').update(objects).digest('hex').slice(0, 20)}`;
    const directory = path.join(this.rootDirectory(), name);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  private newDirectory(): string {
    return mkdtempSync(path.join(this.rootDirectory(), 'session-'));
  }

  private rootDirectory(): string {
    this.root ??= mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-storage-'));
    return this.root;
  }
}

/** Whether there is no such directory any more. */
function removeIfEmpty(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    // Its server may have removed it.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
