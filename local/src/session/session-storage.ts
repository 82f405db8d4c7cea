import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../common/clock';
import type { RuntimeVersion } from './runtime-version';
import { SESSION_STORAGE_VARIABLE } from 'stateful-mcp-contract';

/** Devguide, "filesystem configurations". */
const KEPT_MS = 14 * 24 * 3_600_000;

interface Stored {
  readonly directory: string;
  version: string;
  usedAt: number;
}

/**
 * The session storage of one runtime: each session has a directory, which it finds again when it stops and comes back.
 *
 * It is emptied when the session comes back on another version of the runtime, or after 14 days, and gone with the
 * local runtime.
 */
export class SessionStorage {
  private root: string | undefined;
  private readonly stored = new Map<string, Stored>();

  public constructor(private readonly clock: Clock) {}

  /** What the process of a session gets to know; undefined for a version without session storage. */
  public environmentOf(
    { version, definition }: RuntimeVersion,
    id: string,
  ): Readonly<Record<string, string>> | undefined {
    if (definition.features.sessionStorage === undefined) {
      return undefined;
    }
    const known = this.stored.get(id);
    const now = this.clock.now();
    const stored = known ?? { directory: this.newDirectory(), version, usedAt: now };
    if (stored.version !== version || now - stored.usedAt > KEPT_MS) {
      rmSync(stored.directory, { recursive: true, force: true });
      mkdirSync(stored.directory);
    }
    stored.version = version;
    stored.usedAt = now;
    this.stored.set(id, stored);
    return { [SESSION_STORAGE_VARIABLE]: stored.directory };
  }

  /** A session has another id from now on. */
  public keep(id: string, firstId: string): void {
    const stored = this.stored.get(firstId);
    if (stored && !this.stored.has(id)) {
      this.stored.set(id, stored);
    }
  }

  /** A session was refused: its storage is not kept, unless its server has written to it. */
  public forget(id: string): void {
    const stored = this.stored.get(id);
    if (!stored || readdirSync(stored.directory).length > 0) {
      return;
    }
    rmdirSync(stored.directory);
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
  }

  private newDirectory(): string {
    this.root ??= mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-storage-'));
    return mkdtempSync(path.join(this.root, 'session-'));
  }
}
