import path from 'node:path';
import { LocalRuntimeError } from './common/errors';
import type { ControlPlane } from './control-plane/control-plane';
import type { DefinedRuntimes } from './definitions/defined-runtimes';
import type { RuntimeDefinition, VerifiedRelease } from './model/runtime-definition';
import { invocationPath } from './model/runtime-urls';
import { changesOf } from './runtime/runtime-changes';
import { newServedRuntime, type SharedParts } from './runtime/runtime-factory';
import type { RuntimeSet } from './runtime/runtime-set';
import type { ServedRuntime } from './runtime/served-runtime';

/** What `reload` did with a runtime. */
export interface RuntimeChange {
  readonly runtimeName: string;
  /** `failed`: its new version does not start, and the one before stays. */
  readonly change: 'added' | 'updated' | 'unchanged' | 'deleted' | 'failed';
  /** The version that new sessions get; undefined for a runtime that is not served. */
  readonly version: string | undefined;
  /** Why it failed. */
  readonly error?: Error;
}

/** A version that is to be released. */
export interface ReleaseCandidate extends VerifiedRelease {
  readonly runtimeName: string;
  readonly version: string;
  /** Of the endpoint DEFAULT, which serves the version. */
  readonly invocationPath: string;
}

/** Looks at a version before users get it; rejects when they must not. */
export type VerifyRelease = (candidate: ReleaseCandidate) => Promise<void>;

export interface RuntimePublisherParts {
  readonly defined: DefinedRuntimes;
  readonly runtimes: RuntimeSet;
  readonly shared: SharedParts;
  readonly controlPlane: ControlPlane;
  /** @throws LocalRuntimeError `ERR_CLOSED`, once nothing may start any more */
  readonly checkOpen: () => void;
}

/** Makes what is served the same as what is defined: at the start, and whenever code or assembly have changed. */
export class RuntimePublisher {
  /** Those that a definition or an assembly has made; the control plane makes others. */
  private readonly ofDefinitions = new Set<ServedRuntime>();
  private changes: Promise<unknown> = Promise.resolve();

  public constructor(private readonly parts: RuntimePublisherParts) {}

  /** Serves what is defined. Settles when the waiting processes of each runtime listen. */
  public async start(definitions: readonly RuntimeDefinition[]): Promise<void> {
    const { runtimes, shared, checkOpen } = this.parts;
    checkOpen();
    for (const definition of definitions) {
      const served = newServedRuntime(definition, shared);
      runtimes.register(served);
      this.ofDefinitions.add(served);
    }
    await Promise.all(runtimes.all.map(runtime => runtime.open()));
    checkOpen();
  }

  /**
   * One change of what is served after the other.
   *
   * @param ready - what the first change waits for
   */
  public inTurn<Result>(ready: Promise<void>, change: () => Promise<Result>): Promise<Result> {
    const result = this.changes
      .then(() => ready)
      .then(() => {
        this.parts.checkOpen();
        return change();
      });
    this.changes = result.catch(() => {});
    return result;
  }

  /** Publishes a version with the code of a directory. Gives its number. */
  public async publish(runtimeName: string, directory: string): Promise<string> {
    const { controlPlane } = this.parts;
    const served = this.named(runtimeName);
    return controlPlane.publish(served, { ...served.definition, cwd: path.resolve(directory) });
  }

  /** Moves the endpoint of a verified release to the newest version, once that is verified. Gives its number. */
  public async release(runtimeName: string, verify: VerifyRelease): Promise<string> {
    const served = this.named(runtimeName);
    const { version, definition } = served;
    const { release } = definition;
    if (release === undefined) {
      throw new LocalRuntimeError(
        'ERR_NO_RELEASE',
        `runtime \`${runtimeName}\` has no verified release in its template, and each version reaches users at once: give its construct \`McpRelease.verified()\`, or do not ask for one`,
      );
    }
    await verify({ ...release, runtimeName, version, invocationPath: invocationPath(definition.arn) });
    this.parts.controlPlane.pointEndpoint(served, release.endpointName);
    return version;
  }

  private named(runtimeName: string): ServedRuntime {
    const { runtimes } = this.parts;
    const served = runtimes.named(runtimeName);
    if (served) {
      return served;
    }
    const known = runtimes.all.map(({ definition }) => definition.name).join(', ');
    throw new LocalRuntimeError(
      'ERR_UNKNOWN_RUNTIME',
      `there is no runtime named \`${runtimeName}\`; the runtimes are: ${known}`,
    );
  }

  /** Reads an assembly in place of the one before. Gives what became of each runtime. */
  public async reload(assembly: string): Promise<readonly RuntimeChange[]> {
    const { defined, controlPlane, checkOpen } = this.parts;
    const { added, updated, unchanged, deleted } = changesOf([...this.ofDefinitions], await defined.read(assembly));
    checkOpen();
    const changes = await Promise.all([
      ...added.map(definition =>
        attempt(definition.name, 'added', async () => (await this.openRuntime(definition)).version),
      ),
      ...updated.map(({ served, definition }) =>
        attempt(definition.name, 'updated', () => controlPlane.publish(served, definition), served),
      ),
      ...deleted.map(served =>
        attempt(served.definition.name, 'deleted', async () => {
          this.ofDefinitions.delete(served);
          await controlPlane.remove(served);
          return undefined;
        }),
      ),
    ]);
    return [
      ...changes,
      ...unchanged.map(({ definition, version }) => ({
        runtimeName: definition.name,
        change: 'unchanged' as const,
        version,
      })),
    ];
  }

  private async openRuntime(definition: RuntimeDefinition): Promise<ServedRuntime> {
    const { runtimes, shared, controlPlane } = this.parts;
    const served = newServedRuntime(definition, shared);
    runtimes.register(served);
    try {
      await served.open();
    } catch (error) {
      await controlPlane.remove(served);
      throw error;
    }
    this.ofDefinitions.add(served);
    return served;
  }
}

/** Makes one of the changes of an assembly: those of other runtimes do not fail with it. */
async function attempt(
  runtimeName: string,
  change: RuntimeChange['change'],
  make: () => Promise<string | undefined>,
  before?: ServedRuntime,
): Promise<RuntimeChange> {
  try {
    return { runtimeName, change, version: await make() };
  } catch (error) {
    return {
      runtimeName,
      change: 'failed',
      version: before?.version,
      error: error instanceof Error ? error : new Error(String(error)),
    };
  }
}
