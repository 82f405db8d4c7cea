import { LocalRuntimeError } from '../common/errors';
import type { RuntimeDefinition } from '../model/runtime-definition';
import { DEFAULT_ENDPOINT } from '../model/runtime-urls';
import { newServedRuntime, type SharedParts } from '../runtime/runtime-factory';
import type { ServedRuntime } from '../runtime/served-runtime';
import type { LocalArtifact } from './artifacts';
import { addVersion, isChanging, type ManagedRuntime, type ManagedVersion, type Status } from './managed-runtime';
import { newEndpoint, type Registry } from './registry';
import { requestedDefinition } from './requested-definition';
import type { RuntimeRequest } from './runtime-request';

export interface PublicationParts {
  readonly registry: Registry;
  readonly shared: SharedParts;
  readonly artifacts: Readonly<Record<string, LocalArtifact>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly now: () => Date;
}

/** Brings versions of runtimes into service and out of it, those of requests and those of definitions. */
export class Publication {
  public constructor(private readonly parts: PublicationParts) {}

  /**
   * Starts a version that a request has made, and moves `DEFAULT` to it.
   *
   * @param failed - status of a version that cannot run
   */
  public async publish(runtime: ManagedRuntime, version: ManagedVersion, failed: Status): Promise<void> {
    const problem = await this.start(runtime, version);
    version.failureReason = problem;
    version.status = problem === undefined ? 'READY' : failed;
    runtime.status = version.status;
    runtime.lastUpdatedAt = this.parts.now();
    const endpoint = runtime.endpoints.get(DEFAULT_ENDPOINT);
    if (!endpoint) {
      return;
    }
    endpoint.status = runtime.served ? 'READY' : failed;
    if (problem !== undefined) {
      return;
    }
    Object.assign(endpoint, {
      liveVersion: version.version,
      targetVersion: version.version,
      lastUpdatedAt: this.parts.now(),
    });
  }

  /** Why a version cannot run, or undefined. */
  private async start(runtime: ManagedRuntime, version: ManagedVersion): Promise<string | undefined> {
    const definition = requestedDefinition(runtime, version.request as RuntimeRequest, this.parts);
    if (typeof definition === 'string') {
      return definition;
    }
    Object.assign(version, { definition });
    // READY says nothing of whether the server starts (V1); a snapshot (V2) is made of a server that does.
    const hasSnapshot = definition.features.platformVersion === 'V2';
    if (runtime.served) {
      return hasSnapshot
        ? await problemOf(runtime.served.publishStarted(version.version, definition))
        : this.publishAtOnce(runtime.served, version.version, definition);
    }
    const served = newServedRuntime(definition, this.parts.shared, version.version);
    const opened = served.open();
    if (hasSnapshot) {
      const problem = await problemOf(opened);
      if (problem !== undefined) {
        await served.close('runtime-deleted');
        return problem;
      }
    } else {
      opened.catch((error: unknown) => {
        this.parts.shared.log({
          runtimeName: runtime.name,
          pid: process.pid,
          stream: 'runtime',
          line: error instanceof Error ? error.message : String(error),
        });
      });
    }
    this.parts.registry.connect(runtime, served);
    return undefined;
  }

  private publishAtOnce(served: ServedRuntime, version: string, definition: RuntimeDefinition): undefined {
    served.publish(version, definition).pool.refill();
  }

  /**
   * Makes a version that no request asks for, and moves the endpoints of its definition once it has started. Gives its
   * number.
   *
   * @throws LocalRuntimeError `ERR_RUNTIME_CHANGING` while a request changes the runtime; and what its server failed
   * with, which leaves the endpoints where they are
   */
  public async publishDefinition(served: ServedRuntime, definition: RuntimeDefinition): Promise<string> {
    const { registry, now } = this.parts;
    const runtime = registry.of(served);
    if (isChanging(runtime)) {
      throw new LocalRuntimeError(
        'ERR_RUNTIME_CHANGING',
        `runtime \`${runtime.name}\` is being changed by the control plane (${runtime.status}): publish again when that has ended`,
      );
    }
    const added = addVersion(runtime, undefined, 'UPDATING', now());
    Object.assign(added, { definition });
    runtime.status = 'UPDATING';
    try {
      await served.publishStarted(added.version, definition);
      added.status = 'READY';
      for (const name of served.endpointsAtOnce(definition)) {
        this.note(runtime, name, added.version);
      }
    } catch (error) {
      added.status = 'UPDATE_FAILED';
      added.failureReason = (error as Error).message.split('\n')[0];
      throw error;
    } finally {
      runtime.status = added.status;
      runtime.lastUpdatedAt = now();
    }
    return added.version;
  }

  /** Moves an endpoint to the newest version. */
  public pointEndpoint(served: ServedRuntime, name: string): void {
    this.note(this.parts.registry.of(served), name, served.version);
    served.pointEndpoint(name, served.version);
  }

  /** Writes down that an endpoint serves a version. */
  private note({ endpoints }: ManagedRuntime, name: string, version: string): void {
    const lastUpdatedAt = this.parts.now();
    const endpoint = endpoints.get(name) ?? newEndpoint(name, version, 'READY', lastUpdatedAt);
    endpoints.set(name, Object.assign(endpoint, { liveVersion: version, targetVersion: version, lastUpdatedAt }));
  }

  /** Takes a runtime away, with its sessions. */
  public async remove(served: ServedRuntime): Promise<void> {
    this.parts.registry.remove(this.parts.registry.of(served));
    await served.close('runtime-deleted');
  }
}

/** Why a version does not start, in the words of the platform; undefined when it does. */
async function problemOf(started: Promise<void>): Promise<string | undefined> {
  try {
    await started;
    return undefined;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    return (error as Partial<LocalRuntimeError>).code === 'ERR_WARMUP_FAILED'
      ? `Lifecycle hook failed: ${reason}`
      : `Runtime health check failed: ${reason}`;
  }
}
