import { createHash, hkdfSync } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MOUNTS_VARIABLE, REQUEST_STATE_KEY_VARIABLE } from 'stateful-mcp-contract';
import { ServerKitError } from '../common/errors';
import type { Log } from '../common/log';
import { decodeKeys } from '../request-state/shared-keys';
import { KeptSession, type SessionStart } from './kept-session';
import { isPassing, SessionFile } from './session-file';
import { isSessionId } from './session-ids';
import { mountedPath } from './mounted-path';

export interface SessionDirectoryOptions {
  /**
   * The absolute path of a directory that sessions of the legacy era are kept in, so that they go on in another process
   * of the same session: of AgentCore's session storage, such as `/mnt/session/mcp`. A request with the id of a session
   * that this process does not have restores it. Without an entry for it the request gets 404, as ever.
   *
   * Kept are `initialize`, the caller, and the events that a client can ask for again. They are encrypted by a key made
   * of `STATEFUL_MCP_REQUEST_STATE_KEY`, which has to be set. A call that a process was working on when it ended gets an
   * error; what handlers had in memory is gone. An idle session is freed and kept; it ends after its max lifetime, and
   * by DELETE. The file system must be able to append and to rename, which a mounted S3 bucket is not. One process at a
   * time may serve a session.
   * @default - sessions end with their process
   */
  readonly sessionDirectory?: string;
}

interface DirectorySettings {
  readonly maxLifetimeMs: number;
  readonly maxSessions: number;
  readonly log: Log;
}

const ENDING = '.session';

/** What is kept cannot be read for now, nor whose it is. */
export class UnreadableSession extends Error {}

/**
 * Where the sessions of the legacy era are kept: a file for each. Its name is a digest of the id.
 */
export class SessionDirectory {
  private keys: readonly Buffer[] | undefined;

  /** @throws ServerKitError `ERR_INVALID_OPTION` */
  public static of(
    { sessionDirectory }: SessionDirectoryOptions,
    settings: DirectorySettings,
    environment: Readonly<Record<string, string | undefined>> = process.env,
  ): SessionDirectory | undefined {
    if (sessionDirectory === undefined) {
      return undefined;
    }
    if (typeof sessionDirectory !== 'string' || !path.isAbsolute(sessionDirectory)) {
      throw new ServerKitError(
        'ERR_INVALID_OPTION',
        `\`sessionDirectory\` must be an absolute path such as "/mnt/session/mcp", got ${JSON.stringify(sessionDirectory)}`,
      );
    }
    const key = environment[REQUEST_STATE_KEY_VARIABLE];
    if (!key) {
      throw new ServerKitError(
        'ERR_INVALID_OPTION',
        `\`sessionDirectory\` needs \`${REQUEST_STATE_KEY_VARIABLE}\`, which encrypts what is kept: set it to the same value in every process, made with: openssl rand -base64 32`,
      );
    }
    return new SessionDirectory(mountedPath(sessionDirectory, environment[MOUNTS_VARIABLE]), key, settings);
  }

  private constructor(
    private readonly directory: string,
    private readonly key: string,
    private readonly settings: DirectorySettings,
  ) {}

  /** Begins to keep a session. */
  public async begin(id: string, start: SessionStart): Promise<KeptSession> {
    const { log } = this.settings;
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await this.makeRoom();
      const kept = new KeptSession(start, this.file(id), log);
      await kept.save();
      return kept;
    } catch (error) {
      log({ level: 'error', event: 'session-not-kept', sessionId: id, message: String(error) });
      return KeptSession.unkept();
    }
  }

  /**
   * The session of this id, when it is kept and not over. A damaged one is lost. One that cannot be read for now, such
   * as for want of file descriptors, stays for a later request.
   * @throws UnreadableSession
   */
  public async find(id: string): Promise<KeptSession | undefined> {
    if (!isSessionId(id)) {
      return undefined;
    }
    const { log } = this.settings;
    const file = this.file(id);
    try {
      const kept = await KeptSession.restored(file, log);
      if (kept !== undefined && this.remainingMs(kept) <= 0) {
        await kept.remove();
        return undefined;
      }
      return kept;
    } catch (error) {
      log({ level: 'error', event: 'session-not-restored', sessionId: id, message: String(error) });
      if (isPassing(error)) {
        throw new UnreadableSession();
      }
      await file.remove().catch(() => undefined);
      return undefined;
    }
  }

  /** How long a session may still live. */
  public remainingMs({ start }: KeptSession): number {
    return (start?.startedAt ?? 0) + this.settings.maxLifetimeMs - Date.now();
  }

  private file(id: string): SessionFile {
    this.keys ??= decodeKeys(this.key).map(key =>
      Buffer.from(hkdfSync('sha256', key, '', 'stateful-mcp-server session directory', 32)),
    );
    const name = createHash('sha256').update(id).digest('hex');
    return new SessionFile(path.join(this.directory, name + ENDING), id, this.keys);
  }

  /** Sessions that nobody ended are over when nothing was written for their whole lifetime. */
  private async makeRoom(): Promise<void> {
    const { maxLifetimeMs, maxSessions } = this.settings;
    const oldest = Date.now() - maxLifetimeMs;
    let count = 0;
    for (const name of await readdir(this.directory)) {
      const file = path.join(this.directory, name);
      if (/^[0-9a-f]{64}\.session(\.[0-9a-f-]+\.new)?$/.test(name)) {
        const written = await stat(file).catch(() => undefined);
        if (written !== undefined && written.mtimeMs < oldest) {
          await rm(file, { force: true });
        } else {
          count += 1;
        }
      }
    }
    if (count >= maxSessions) {
      throw new RangeError(`${count} sessions are kept already`);
    }
  }
}
