import type { ErrorDialect } from '../platform/error-encoding';
import type { ProcessPool } from '../process/process-pool';
import { resourceNotFound } from '../platform/platform-errors';
import type { RuntimeDefinition } from '../model/runtime-definition';
import type { RuntimeVersion } from '../session/runtime-version';
import type { SessionStorage } from '../session/session-storage';
import type { Sessions } from '../session/sessions';
import { DEFAULT_ENDPOINT } from '../model/runtime-urls';

/** Makes what a version needs to run. */
export type NewVersion = (version: string, definition: RuntimeDefinition) => RuntimeVersion;

export interface ServedRuntimeParts {
  readonly sessions: Sessions;
  readonly newVersion: NewVersion;
  readonly storage: SessionStorage;
  /** Told when `DEFAULT` has moved to another version. */
  readonly onPublished: (version: string) => void;
  /** Whether the endpoint of a verified release moves by `release` alone. */
  readonly awaitsRelease: boolean;
  /** @default '1' */
  readonly firstVersion?: string | undefined;
}

/** One runtime: its versions, the endpoints that point to them, and its sessions. */
export class ServedRuntime {
  private readonly versions = new Map<string, RuntimeVersion>();
  private readonly endpoints = new Map<string, string>();
  private latest: RuntimeVersion;

  /** @param definition - of the first version, to which `DEFAULT` and the endpoints of the definition point */
  public constructor(
    definition: RuntimeDefinition,
    private readonly parts: ServedRuntimeParts,
  ) {
    this.latest = this.addVersion(parts.firstVersion ?? '1', definition);
    for (const endpoint of this.endpointsAtOnce(definition)) {
      this.endpoints.set(endpoint, this.latest.version);
    }
  }

  public get sessions(): Sessions {
    return this.parts.sessions;
  }

  /** Of the newest version. */
  public get definition(): RuntimeDefinition {
    return this.latest.definition;
  }

  /** Number of the newest version. */
  public get version(): string {
    return this.latest.version;
  }

  public get dialect(): ErrorDialect {
    return this.definition.features.protocol === 'MCP' ? 'mcp' : 'native';
  }

  /** Starts the waiting processes of the newest version. */
  public open(): Promise<void> {
    return this.latest.pool.open();
  }

  /**
   * The version an endpoint points to.
   *
   * @throws PlatformException ResourceNotFoundException
   */
  public versionOf(qualifier: string): RuntimeVersion {
    const version = this.versions.get(this.endpoints.get(qualifier) ?? '');
    if (!version) {
      throw resourceNotFound(
        `No endpoint or agent found with qualifier '${qualifier}' for agent '${this.definition.arn}'`,
      );
    }
    return version;
  }

  /** Adds a version and moves `DEFAULT` to it. Sessions that live keep theirs. */
  public publish(version: string, definition: RuntimeDefinition): RuntimeVersion {
    const added = this.addVersion(version, definition);
    this.pointEndpoint(DEFAULT_ENDPOINT, added.version);
    this.parts.onPublished(version);
    return added;
  }

  /**
   * Adds a version; `DEFAULT` and the endpoints of its definition move to it once its waiting processes listen.
   *
   * @throws when they do not; then everything is as before
   */
  public async publishStarted(version: string, definition: RuntimeDefinition): Promise<void> {
    const before = this.latest;
    const added = this.addVersion(version, definition);
    try {
      await added.pool.open();
    } catch (error) {
      this.latest = before;
      this.versions.delete(version);
      await added.pool.close();
      throw error;
    }
    for (const endpoint of this.endpointsAtOnce(definition)) {
      this.pointEndpoint(endpoint, version);
    }
    this.parts.onPublished(version);
  }

  /** The endpoints that a new version moves. */
  public endpointsAtOnce({ endpoints, release }: RuntimeDefinition): readonly string[] {
    const guarded = this.parts.awaitsRelease ? release?.endpointName : undefined;
    return [DEFAULT_ENDPOINT, ...endpoints.filter(endpoint => endpoint !== guarded)];
  }

  public pointEndpoint(name: string, version: string): void {
    const before = this.versions.get(this.endpoints.get(name) ?? '');
    this.endpoints.set(name, version);
    void this.retireUnused(before);
  }

  public removeEndpoint(name: string): void {
    const before = this.versions.get(this.endpoints.get(name) ?? '');
    this.endpoints.delete(name);
    void this.retireUnused(before);
  }

  /** Forgets a version to which no endpoint points. */
  public removeVersion(version: string): void {
    this.versions.delete(version);
  }

  /** Ends its sessions and the processes that wait for one. */
  public async close(reason: 'closed' | 'runtime-deleted'): Promise<void> {
    await Promise.all([this.sessions.close(reason), ...this.pools.map(pool => pool.close())]);
    this.parts.storage.close();
  }

  private get pools(): readonly ProcessPool[] {
    return [...this.versions.values()].map(({ pool }) => pool);
  }

  private addVersion(version: string, definition: RuntimeDefinition): RuntimeVersion {
    this.latest = this.parts.newVersion(version, definition);
    this.versions.set(version, this.latest);
    return this.latest;
  }

  // A version without an endpoint gets no new sessions.
  private async retireUnused(version: RuntimeVersion | undefined): Promise<void> {
    if (version && ![...this.endpoints.values()].includes(version.version)) {
      await version.pool.retire();
    }
  }
}
