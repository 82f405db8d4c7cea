import path from 'node:path';
import { runtimesOf, type AssemblyRuntime } from './assembly-runtimes';
import { readAssembly, type AssemblyStage } from './cloud-assembly';
import { CodeCopies } from '../code/code-copies';
import { EmbeddedTables, type TableDescription } from './embedded-tables';
import { LocalRuntimeError } from '../common/errors';
import { adviseDefinition, UnsupportedArtifact, type LeftOutRuntime } from './left-out-runtime';
import { installLocalWheels } from './local-wheels';
import type { RuntimeDefinition } from '../model/runtime-definition';
import { tablesOf } from './template-tables';
import { checkLifecycle, runtimeOfDefinition, type LocalRuntimeDefinition } from './command-definition';

interface Prepared {
  readonly definition: RuntimeDefinition;
  readonly unsupported?: UnsupportedArtifact;
}

/** What the options of a local runtime say of its runtimes. */
export interface DefinitionOptions {
  readonly runtimes?: readonly LocalRuntimeDefinition[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Given where the control plane may define runtimes later. */
  readonly artifacts?: object;
  readonly adviceFor?: (runtime: LeftOutRuntime) => string | undefined;
}

/**
 * What the options of a local runtime define: the runtimes of a cloud assembly with their tables, and those of
 * definitions.
 */
export class DefinedRuntimes {
  /** By the directory of the Stage in its assembly, so that the tables outlive it. */
  private readonly tablesOfStage = new Map<string, EmbeddedTables>();
  private cannotRun: readonly LeftOutRuntime[] = [];
  private readonly codeCopies = new CodeCopies();

  /** @param note - told what is left out */
  public constructor(
    private readonly options: DefinitionOptions,
    private readonly note: (line: string, runtimeName?: string) => void,
  ) {}

  /** What the assembly that was read last has and cannot run here. */
  public get leftOut(): readonly LeftOutRuntime[] {
    return this.cannotRun;
  }

  /** Why a runtime is left out, and what to do about it. */
  public explain(runtime: LeftOutRuntime): string {
    return `runtime \`${runtime.name}\` ${this.messageAndAdvice(runtime)}`;
  }

  /**
   * The runtimes of an assembly, whose tables exist then, and those of definitions.
   *
   * @throws LocalRuntimeError
   */
  public async read(assembly: string | undefined): Promise<readonly RuntimeDefinition[]> {
    const { runtimes = [], environment = {}, artifacts } = this.options;
    const root = assembly === undefined ? undefined : path.resolve(assembly);
    const fromAssembly: RuntimeDefinition[] = [];
    const leftOut: LeftOutRuntime[] = [];
    let endpoint: string | undefined;
    for (const stage of root === undefined ? [] : readAssembly(root)) {
      const tablesEndpoint = await this.embed(stage, path.relative(root ?? '', stage.directory));
      endpoint ??= tablesEndpoint;
      const found = runtimesOf(stage, tablesEndpoint, { environment, definitions: runtimes });
      leftOut.push(...found.leftOut);
      for (const { definition, unsupported } of await Promise.all(found.runtimes.map(one => this.outOfProject(one)))) {
        if (unsupported) {
          leftOut.push(leftOutOf(definition, unsupported));
        } else {
          fromAssembly.push(definition);
        }
      }
    }
    const others = runtimes.filter(({ name }) => !fromAssembly.some(runtime => runtime.name === name));
    const all = [
      ...uniqueNames(fromAssembly),
      ...others.map(definition => runtimeOfDefinition(definition, environment, endpoint)),
    ];
    if (all.length === 0 && artifacts === undefined) {
      throw this.nothingRuns(assembly, leftOut);
    }
    all.forEach(checkLifecycle);
    this.replaceLeftOut(leftOut);
    return all;
  }

  public get tables(): readonly TableDescription[] {
    return [...this.tablesOfStage.values()].flatMap(tables => tables.describe());
  }

  /** @throws LocalRuntimeError `ERR_UNKNOWN_TABLE` */
  public async scanTable(name: string): Promise<Record<string, unknown>[]> {
    const [tables, ...others] = [...this.tablesOfStage.values()].filter(embedded =>
      embedded.describe().some(table => table.name === name),
    );
    if (tables && others.length === 0) {
      return tables.scan(name);
    }
    const known = this.tables.map(table => `${table.name} (${table.endpoint})`).join(', ') || 'none';
    const problem = tables ? 'more than one Stage has a table' : 'there is no table';
    throw new LocalRuntimeError('ERR_UNKNOWN_TABLE', `${problem} named \`${name}\`; the tables are: ${known}`);
  }

  public async close(): Promise<void> {
    await Promise.all([...this.tablesOfStage.values()].map(tables => tables.close()));
    this.codeCopies.close();
  }

  /** The runtime with a copy of its code, in which the packages are those of this machine. */
  private async outOfProject({ definition, isAsset, needsLocalWheels }: AssemblyRuntime): Promise<Prepared> {
    if (!isAsset) {
      return { definition };
    }
    const { cwd, command, source } = definition;
    try {
      const copy = await this.codeCopies.of(
        cwd,
        needsLocalWheels ? made => installLocalWheels(made, command[0], source?.projectRoot ?? cwd) : undefined,
      );
      return { definition: { ...definition, cwd: copy } };
    } catch (error) {
      if (error instanceof UnsupportedArtifact) {
        return { definition, unsupported: error };
      }
      throw error;
    }
  }

  private nothingRuns(assembly: string | undefined, leftOut: readonly LeftOutRuntime[]): LocalRuntimeError {
    const explained = leftOut.map(runtime => this.explain(runtime));
    if (leftOut.some(({ code }) => code !== 'protocol')) {
      return new LocalRuntimeError('ERR_UNSUPPORTED_ARTIFACT', explained.join('\n'));
    }
    const problem = `\`assembly\` ${assembly} has no AWS::BedrockAgentCore::Runtime with ProtocolConfiguration MCP`;
    return new LocalRuntimeError('ERR_NO_RUNTIME', [problem, ...explained].join('\n'));
  }

  // An assembly that is read again says nothing new of those that were left out before for the same reason.
  private replaceLeftOut(leftOut: readonly LeftOutRuntime[]): void {
    const before = this.cannotRun;
    this.cannotRun = leftOut;
    for (const runtime of leftOut.filter(
      ({ arn, message }) => !before.some(other => other.arn === arn && other.message === message),
    )) {
      this.note(`is left out: it ${this.messageAndAdvice(runtime)}`, runtime.name);
    }
  }

  private messageAndAdvice(runtime: LeftOutRuntime): string {
    const advice = this.options.adviceFor ? this.options.adviceFor(runtime) : adviseDefinition(runtime);
    return advice === undefined ? runtime.message : `${runtime.message}; ${advice}`;
  }

  /** Creates the tables of a Stage that are not there yet. Gives their endpoint. */
  private async embed(stage: AssemblyStage, name: string): Promise<string | undefined> {
    const definitions = tablesOf(stage);
    const known = this.tablesOfStage.get(name);
    if (known === undefined && definitions.length === 0) {
      return undefined;
    }
    const tables = known ?? (await EmbeddedTables.start());
    this.tablesOfStage.set(name, tables);
    for (const changed of await tables.create(definitions)) {
      this.note(
        `table \`${changed}\` has changed; here it keeps its keys and indexes, and its items, until the local runtime starts again`,
      );
    }
    return tables.endpoint;
  }
}

function leftOutOf(
  { name, arn, features: { protocol }, command, source }: RuntimeDefinition,
  { code, message }: UnsupportedArtifact,
): LeftOutRuntime {
  return { name, arn, code, message, protocol, command, source };
}

/**
 * Runtimes of different Stages may have the same name, as they are deployed to different accounts or regions. Here all
 * that share a name get the name of their stack in front of it.
 */
export function uniqueNames(runtimes: readonly RuntimeDefinition[]): readonly RuntimeDefinition[] {
  return runtimes.map(runtime => {
    const alone = runtimes.every(other => other === runtime || other.name !== runtime.name);
    return alone ? runtime : { ...runtime, name: `${runtime.stackName}-${runtime.name}` };
  });
}
