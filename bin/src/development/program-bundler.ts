import { mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Message } from 'esbuild';
import type { RuntimeSource } from 'stateful-mcp-local';
import { CommandError } from '../command-error';

type Esbuild = typeof import('esbuild');
type Result = BuildResult<{ metafile: true; write: false }>;

export interface BundledRuntime {
  readonly name: string;
  /** The folder that the synthesis has put the bundle into. */
  readonly folder: string;
  readonly source: RuntimeSource;
}

/** Makes the program of one runtime again, with the options that the synthesis made it with, in a fraction of the time of a synthesis. */
export class ProgramBundler {
  /**
   * Undefined for a runtime whose code esbuild did not make, or where esbuild is not installed: a synthesis makes it then.
   *
   * @param versions - folder for the versions that it makes
   */
  public static async start({ name, folder, source }: BundledRuntime, versions: string): Promise<ProgramBundler | undefined> {
    const options = source.esbuildOptions as BuildOptions | undefined;
    const esbuild = options && loadEsbuild(source.projectRoot);
    if (!esbuild) return undefined;
    const context = await esbuild.context({ ...options, write: false, metafile: true, logLevel: 'silent' });
    return new ProgramBundler(name, { folder, root: source.projectRoot, versions, esbuild, context });
  }

  /** The files that go into the program, as far as somebody may edit them: packages that are installed are not among them. */
  public sources: ReadonlySet<string> = new Set();

  private constructor(public readonly runtimeName: string, private readonly parts: {
    readonly folder: string;
    readonly root: string;
    readonly versions: string;
    readonly esbuild: Esbuild;
    readonly context: BuildContext<{ metafile: true; write: false }>;
  }) {}

  /** Learns the sources, and makes the first `rebuild` as fast as the others. */
  public async warmUp(): Promise<void> {
    // What a synthesis has bundled compiles; if not any more, the next change shows it.
    await this.build().catch(() => {});
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
      throw new CommandError(this.explain(error), undefined, { cause: error });
    }
    const { versions, folder } = this.parts;
    await mkdir(versions, { recursive: true });
    const version = await mkdtemp(path.join(versions, `${this.runtimeName}-`));
    const names = new Set(result.outputFiles.map(({ path: file }) => path.basename(file)));
    await Promise.all([
      ...result.outputFiles.map(({ path: file, contents }) => writeFile(path.join(version, path.basename(file)), contents)),
      ...(await readdir(folder)).filter(name => !names.has(name)).map(name => symlink(path.join(folder, name), path.join(version, name))),
    ]);
    return version;
  }

  public async dispose(): Promise<void> {
    await this.parts.context.dispose();
  }

  private async build(): Promise<Result> {
    const result = await this.parts.context.rebuild();
    const inputs = Object.keys(result.metafile.inputs).map(file => path.resolve(this.parts.root, file));
    this.sources = new Set(inputs.filter(file => !file.includes(`${path.sep}node_modules${path.sep}`)));
    return result;
  }

  private explain(error: unknown): string {
    const { errors } = error as Partial<BuildFailure>;
    if (!errors) return error instanceof Error ? error.message : String(error);
    return errors.map(message => lineOf(message, this.parts.root)).join('\n');
  }
}

function lineOf({ location, text }: Message, root: string): string {
  if (!location) return text;
  return `${path.relative(process.cwd(), path.resolve(root, location.file))}:${location.line}:${location.column + 1}: ${text}`;
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
