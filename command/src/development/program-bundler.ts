import { mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { BuildContext, BuildFailure, BuildOptions, BuildResult } from 'esbuild';
import type { RuntimeSource } from 'stateful-mcp-local';
import { CommandError } from '../common/command-error';

type Esbuild = typeof import('esbuild');
type Result = BuildResult<{ metafile: true; write: false }>;

export interface BundledRuntime {
  readonly name: string;
  /** The folder that the synthesis has put the bundle into. */
  readonly folder: string;
  readonly source: RuntimeSource;
}

/**
 * Makes the program of one runtime again, with the options that the synthesis made it with, in a fraction of the time
 * of a synthesis.
 */
export class ProgramBundler {
  /**
   * Undefined for a runtime whose code esbuild did not make, or where esbuild is not installed: a synthesis makes it
   * then.
   *
   * @param versions - folder for the versions that it makes
   */
  public static async start(runtime: BundledRuntime, versions: string): Promise<ProgramBundler | undefined> {
    const options = runtime.source.esbuildOptions as BuildOptions | undefined;
    const esbuild = options && loadEsbuild(runtime.source.projectRoot);
    if (!esbuild) {
      return undefined;
    }
    const context = await esbuild.context({ ...options, write: false, metafile: true, logLevel: 'silent' });
    const bundler = new ProgramBundler(runtime, versions, esbuild, context);
    // What a synthesis has bundled compiles; if not any more, the next change shows it.
    await bundler.build().catch(() => {});
    return bundler;
  }

  /**
   * The files that go into the program, as far as somebody may edit them: packages that are installed are not among
   * them.
   */
  public sources: ReadonlySet<string> = new Set();

  private constructor(
    private runtime: BundledRuntime,
    private readonly versions: string,
    private readonly esbuild: Esbuild,
    private readonly context: BuildContext<{ metafile: true; write: false }>,
  ) {}

  public get runtimeName(): string {
    return this.runtime.name;
  }

  /**
   * Whether it makes the program of a runtime as it is after another synthesis. From then on it does so beside what
   * that synthesis has put there.
   */
  public takes(runtime: BundledRuntime): boolean {
    if (runtime.name !== this.runtimeName || !isDeepStrictEqual(runtime.source, this.runtime.source)) {
      return false;
    }
    this.runtime = runtime;
    return true;
  }

  /**
   * Bundles, into a folder with everything else that the synthesis has put beside the program. Gives the folder.
   *
   * @throws CommandError with what esbuild says
   */
  public async rebuild(): Promise<string> {
    let result: Result;
    try {
      result = await this.build();
    } catch (error) {
      throw new CommandError(await this.explain(error), undefined, { cause: error });
    }
    const { folder } = this.runtime;
    const version = await mkdtemp(path.join(this.versions, `${this.runtimeName}-`));
    const names = new Set(result.outputFiles.map(({ path: file }) => path.basename(file)));
    await Promise.all([
      ...result.outputFiles.map(({ path: file, contents }) =>
        writeFile(path.join(version, path.basename(file)), contents),
      ),
      ...(await readdir(folder))
        .filter(name => !names.has(name))
        .map(name => symlink(path.join(folder, name), path.join(version, name))),
    ]);
    return version;
  }

  public async dispose(): Promise<void> {
    await this.context.dispose();
  }

  private async build(): Promise<Result> {
    const result = await this.context.rebuild();
    const inputs = Object.keys(result.metafile.inputs).map(file => path.resolve(this.runtime.source.projectRoot, file));
    this.sources = new Set(inputs.filter(file => !file.includes(`${path.sep}node_modules${path.sep}`)));
    return result;
  }

  private async explain(error: unknown): Promise<string> {
    const { errors } = error as Partial<BuildFailure>;
    if (!errors) {
      return error instanceof Error ? error.message : String(error);
    }
    return (await this.esbuild.formatMessages(errors, { kind: 'error' })).join('').trimEnd();
  }
}

/** The one that the synthesis has used, which is the user's. */
function loadEsbuild(projectRoot: string): Esbuild | undefined {
  const load = createRequire(path.join(projectRoot, 'package.json'));
  try {
    return load(load.resolve('esbuild', { paths: [projectRoot, process.cwd()] })) as Esbuild;
  } catch {
    return undefined;
  }
}
