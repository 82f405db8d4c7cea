import type { Construct } from 'constructs';
import type { ICommandHooks } from '../../code/command-hooks';
import { CommandError, runCommand } from '../common/command';
import { constructError, refuse } from '../common/construct-error';
import { kindProblems, texts } from '../common/kinds';
import { temporaryFolder } from '../common/temporary-folder';
import { unresolvedProblems } from '../common/unresolved';
import { PROGRAM_ENTRY } from '../esbuild/esbuild';
import { foreignBinaries } from '../program/native-binaries';
import { filesBelow, writeFiles, type ProgramFile } from '../program/program-files';

/** Runs the commands of the user around the bundling of one server, in a folder that becomes the bundle. */
export class CommandHooks {
  private readonly folder = temporaryFolder();

  public constructor(
    private readonly scope: Construct,
    private readonly hooks: ICommandHooks,
    private readonly projectRoot: string,
  ) {}

  public run(hook: keyof ICommandHooks): void {
    const { scope, projectRoot } = this;
    const name = `commandHooks.${hook}`;
    const commands = this.hooks[hook](projectRoot, this.folder);
    refuse(scope, kindProblems({ [name]: commands }, { [name]: texts }));
    refuse(scope, unresolvedProblems({ [name]: commands }));
    for (const command of commands) {
      try {
        runCommand(command, [], { cwd: projectRoot, shell: true });
      } catch (error) {
        if (!(error instanceof CommandError)) {
          throw error;
        }
        throw constructError(
          scope,
          `\`${name}\` has a command that fails in ${projectRoot}, correct it: ${error.message}`,
        );
      }
    }
  }

  /** The files of the bundle, as they are after the last hook. */
  public finish(files: readonly ProgramFile[]): ProgramFile[] {
    const made = new Set(filesBelow(this.folder).map(({ name }) => name));
    const taken = files.map(({ name }) => name).filter(name => made.has(name));
    refuse(
      this.scope,
      taken.map(
        name =>
          `\`commandHooks\` have made ${name} before the bundle was whole, whose place is taken by the bundle: give it another name, or make it in \`afterBundling\``,
      ),
    );
    writeFiles(this.folder, files);
    this.run('afterBundling');
    const known = new Set(files.map(({ name }) => name));
    const result = filesBelow(this.folder);
    refuse(this.scope, [
      ...(result.some(({ name }) => name === PROGRAM_ENTRY)
        ? []
        : [`\`commandHooks.afterBundling\` has removed ${PROGRAM_ENTRY}, which starts the server: leave it there`]),
      ...foreignBinaries(result.filter(({ name }) => !known.has(name))).map(
        binary =>
          `\`commandHooks\` bring ${binary}; only binaries for Linux on arm64 are allowed: build it for that platform, or leave it out`,
      ),
    ]);
    return result;
  }
}
