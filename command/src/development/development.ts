import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { LocalRuntime, RuntimeChange } from 'stateful-mcp-local';
import { errorText } from '../common/error-text';
import { ProgramBundler } from './program-bundler';
import { SourceWatch, type SourceWatchOptions } from './source-watch';

export interface DevelopmentOptions {
  readonly runtime: LocalRuntime;
  /**
   * Synthesizes the CDK app that the runtimes come from again, and gives the folder of the cloud assembly. Without an
   * app, every change makes a new version of the only runtime.
   */
  readonly synthesize?: () => Promise<string>;
  /** Files and folders to watch besides those that the runtimes are bundled from. */
  readonly watched: readonly string[];
  readonly ignored?: SourceWatchOptions['ignored'];
  /** Folder for the versions that are made here. It is removed at the end. */
  readonly versions: string;
  readonly print: (line: string) => void;
}

/**
 * Publishes a new version of a runtime when its source changes.
 *
 * A source of a bundled program is bundled again, which takes a fraction of a second. Anything else that changes may
 * decide about everything: then the app is synthesized again, and what differs is published.
 */
export class Development {
  private readonly watch: SourceWatch;
  private bundlers: readonly ProgramBundler[] = [];
  private readonly changed = new Set<string>();
  private working: Promise<void> | undefined;
  private closed = false;

  public constructor(private readonly options: DevelopmentOptions) {
    this.watch = new SourceWatch({
      paths: options.watched,
      ignored: options.ignored,
      onChange: files => {
        this.onChange(files);
      },
      onError: ({ message }) => {
        options.print(
          `cannot watch every source: ${message}; watch less by \`watch\` in cdk.json, or allow more on this machine`,
        );
      },
    });
  }

  /** Settles when every change from now on is published. */
  public async start(): Promise<void> {
    await this.watch.start(await this.bundle());
  }

  /** Nothing is published any more. Settles when what was under way has ended. */
  public async close(): Promise<void> {
    this.closed = true;
    await this.watch.close();
    await this.working;
    await Promise.all(this.bundlers.map(bundler => bundler.dispose()));
    await rm(this.options.versions, { recursive: true, force: true });
  }

  private onChange(files: readonly string[]): void {
    for (const file of files) {
      this.changed.add(file);
    }
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** One change after the other: what changes meanwhile is the next one. */
  private async work(): Promise<void> {
    while (this.changed.size > 0 && !this.closed) {
      const files = [...this.changed];
      this.changed.clear();
      const startedAt = performance.now();
      const because = (): string => `${shown(files)} changed, ${Math.round(performance.now() - startedAt)} ms`;
      try {
        await this.publish(files, because);
      } catch (error) {
        if (!this.closed) {
          this.options.print(`${errorText(error)}\nthe version before stays (${because()})`);
        }
      }
    }
  }

  private async publish(files: readonly string[], because: () => string): Promise<void> {
    const { runtime, synthesize, print } = this.options;
    if (!synthesize) {
      for (const { name, directory } of runtime.runtimes) {
        print(this.published(name, await runtime.publish(name, directory), because()));
      }
      return;
    }
    if (files.some(file => !this.bundlers.some(({ sources }) => sources.has(file)))) {
      return this.reload(await synthesize(), because);
    }
    for (const bundler of this.bundlers.filter(({ sources }) => files.some(file => sources.has(file)))) {
      const version = await runtime.publish(bundler.runtimeName, await bundler.rebuild());
      print(this.published(bundler.runtimeName, version, because()));
    }
  }

  private async reload(assembly: string, because: () => string): Promise<void> {
    const { runtime, print } = this.options;
    const changes = await runtime.reload(assembly);
    await this.watch.add(await this.bundle());
    const lines = changes.flatMap(change => this.reported(change, because()));
    for (const line of lines) {
      print(line);
    }
    if (lines.length === 0) {
      print(`the app is as before (${because()})`);
    }
  }

  private reported({ runtimeName, change, version, error }: RuntimeChange, because: string): string[] {
    if (change === 'unchanged') {
      return [];
    }
    if (change === 'failed') {
      return [
        `[${runtimeName}] ${errorText(error)}`,
        version === undefined
          ? `[${runtimeName}] is not served (${because})`
          : `[${runtimeName}] version ${version} stays (${because})`,
      ];
    }
    if (change === 'updated') {
      return [this.published(runtimeName, version ?? '', because)];
    }
    return [`[${runtimeName}] ${change === 'added' ? 'is served now' : 'is deleted, with its sessions'} (${because})`];
  }

  private published(runtimeName: string, version: string, because: string): string {
    const kept = this.options.runtime
      .sessions()
      .filter(
        session => session.runtimeName === runtimeName && session.state !== 'stopped' && session.version !== version,
      ).length;
    const live = kept === 0 ? '' : `; ${kept} live session${kept === 1 ? ' keeps' : 's keep'} the one before`;
    return `[${runtimeName}] version ${version} for new sessions (${because})${live}`;
  }

  /** Learns what the runtimes are bundled from now. Gives the files and folders. */
  private async bundle(): Promise<string[]> {
    const {
      runtime: { runtimes },
      versions,
    } = this.options;
    const before = this.bundlers;
    const bundled = runtimes.flatMap(({ name, directory, source }) =>
      source ? [{ name, folder: directory, source }] : [],
    );
    const now = await Promise.all(
      bundled.map(
        async runtime => before.find(bundler => bundler.takes(runtime)) ?? ProgramBundler.start(runtime, versions),
      ),
    );
    this.bundlers = now.filter(bundler => bundler !== undefined);
    await Promise.all(before.filter(bundler => !this.bundlers.includes(bundler)).map(bundler => bundler.dispose()));
    const folders = bundled.flatMap(({ source }) => (source.esbuildOptions ? [] : [source.projectRoot]));
    return [...folders, ...this.bundlers.flatMap(({ sources }) => [...sources])];
  }
}

function shown(files: readonly string[]): string {
  const [first = '', ...others] = files.map(file => path.relative(process.cwd(), file));
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
