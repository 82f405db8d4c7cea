import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { watch, type FSWatcher } from 'chokidar';

export interface SourceWatchOptions {
  /** Files and folders to watch. */
  readonly paths: readonly string[];
  /** Whether a file or folder below them is none of its sources. */
  readonly ignored?: (file: string, stats: Stats | undefined) => boolean;
  /** Called with the absolute paths of what has changed together. */
  readonly onChange: (files: readonly string[]) => void;
  /** Called when the operating system does not let it watch. */
  readonly onError: (error: Error) => void;
}

/**
 * Editors write a file in several steps, and several files at once. It is more than the 50 ms in which chokidar reports
 * a file once: what a file holds is read after that.
 */
const TOGETHER_MS = 60;

/**
 * Tells when the content of sources changes. Being written again with the same content, as the output of a build is, is
 * no change.
 */
export class SourceWatch {
  private readonly digests = new Map<string, string>();
  private readonly touched = new Set<string>();
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;

  public constructor(private readonly options: SourceWatchOptions) {}

  /**
   * Watches these files, of which it is known what they hold before they change, besides the paths of the options.
   * Settles when every change from now on is noticed.
   */
  public async start(files: readonly string[]): Promise<void> {
    const { paths, ignored, onError } = this.options;
    await this.know(files);
    // What a link leads to is watched where it is, because something names it there.
    const watcher = (this.watcher = watch([...paths, ...files], {
      ignoreInitial: true,
      followSymlinks: false,
      ignored,
    }));
    for (const event of ['add', 'change', 'unlink'] as const) {
      watcher.on(event, file => {
        this.touch(file);
      });
    }
    watcher.on('error', error => {
      onError(error instanceof Error ? error : new Error(String(error)));
    });
    await new Promise<void>(resolve => {
      watcher.once('ready', resolve);
    });
  }

  /** Watches more files. */
  public async add(files: readonly string[]): Promise<void> {
    this.watcher?.add(await this.know(files));
  }

  public async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.watcher?.close();
  }

  private async know(files: readonly string[]): Promise<string[]> {
    const fresh = files.filter(file => !this.digests.has(file));
    await Promise.all(
      fresh.map(async file => {
        this.digests.set(file, await digestOf(file));
      }),
    );
    return fresh;
  }

  private touch(file: string): void {
    this.touched.add(file);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.report();
    }, TOGETHER_MS);
  }

  private async report(): Promise<void> {
    const touched = [...this.touched];
    this.touched.clear();
    const changed = await Promise.all(
      touched.map(async file => {
        const digest = await digestOf(file);
        if (digest === FOLDER || this.digests.get(file) === digest) {
          return [];
        }
        this.digests.set(file, digest);
        return [file];
      }),
    );
    if (changed.flat().length > 0) {
      this.options.onChange(changed.flat());
    }
  }
}

const GONE = 'gone';
const FOLDER = 'folder';

async function digestOf(file: string): Promise<string> {
  try {
    return createHash('sha1')
      .update(await readFile(file))
      .digest('base64');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? FOLDER : GONE;
  }
}
