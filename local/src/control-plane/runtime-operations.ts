import { LocalRuntimeError } from '../common/errors';
import {
  lifecycleOf,
  CONTAINER_START_LIMIT_SECONDS,
  localRegion,
  startLimitOf,
  ZIP_START_LIMIT_SECONDS,
  type RuntimeDefinition,
} from '../model/runtime-definition';
import { newServedRuntime, type SharedParts } from '../runtime/runtime-factory';
import { type ServedRuntime } from '../runtime/served-runtime';
import { resolveArtifact, type LocalArtifact } from './artifacts';
import {
  describeRuntime,
  identityOf,
  newestOf,
  summarizeRuntime,
  type ManagedRuntime,
  type ManagedVersion,
  type Status,
} from './managed-runtime';
import { conflict, notFound, page, type ControlAnswer, type ControlRequest } from './operation';
import { newEndpoint, type Registry } from './registry';
import { CREATE_RUNTIME, UPDATE_RUNTIME } from './request-shapes';
import { checkRuntime, checkShape, type RuntimeRequest } from './runtime-request';
import { DEFAULT_ENDPOINT } from '../model/runtime-urls';

export interface OperationParts {
  readonly registry: Registry;
  readonly shared: SharedParts;
  readonly artifacts: Readonly<Record<string, LocalArtifact>>;
  readonly now: () => Date;
  /** Does what comes after the answer: statuses change a little later, as on AgentCore. */
  readonly later: (change: () => Promise<void>) => void;
}

/** Create, update, get, delete and list runtimes, and list their versions. */
export class RuntimeOperations {
  public constructor(private readonly parts: OperationParts) {}

  public create({ body }: ControlRequest): ControlAnswer {
    checkShape(CREATE_RUNTIME, body);
    const request = body as unknown as RuntimeRequest & { readonly agentRuntimeName: string };
    checkRuntime(request);
    const { registry, later, now } = this.parts;
    const name = request.agentRuntimeName;
    if (registry.runtimes.some(runtime => runtime.name === name)) {
      throw conflict(`An agent with the specified name already exists: ${name}`);
    }
    const runtime = registry.add(name);
    const version = addVersion(runtime, request, 'CREATING', now());
    runtime.endpoints.set(DEFAULT_ENDPOINT, newEndpoint(DEFAULT_ENDPOINT, '1', 'CREATING', now()));
    later(() => this.publish(runtime, version, 'CREATE_FAILED'));
    const workloadIdentityDetails = { workloadIdentityArn: workloadIdentityArn(runtime) };
    return {
      status: 202,
      body: {
        ...identityOf(runtime, version),
        createdAt: runtime.createdAt,
        status: 'CREATING',
        workloadIdentityDetails,
      },
    };
  }

  public update(id: string, { body }: ControlRequest): ControlAnswer {
    const { registry, later, now } = this.parts;
    checkShape(UPDATE_RUNTIME, body);
    const given = body as unknown as RuntimeRequest;
    const runtime = registry.find(id);
    checkSettled(runtime);
    const before = newestOf(runtime);
    // Left out, it stays; everything else of an update stands for itself.
    const platformVersion =
      given.platformVersion ?? before.request?.platformVersion ?? runtime.served?.definition.features.platformVersion;
    const request = { ...given, platformVersion };
    checkRuntime(request);
    const version = addVersion(runtime, request, 'UPDATING', now());
    runtime.status = 'UPDATING';
    runtime.lastUpdatedAt = now();
    later(() => this.publish(runtime, version, 'UPDATE_FAILED'));
    return {
      status: 202,
      body: {
        ...identityOf(runtime, version),
        createdAt: runtime.createdAt,
        lastUpdatedAt: runtime.lastUpdatedAt,
        status: 'UPDATING',
      },
    };
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
      for (const name of [DEFAULT_ENDPOINT, ...definition.endpoints]) {
        const endpoint = runtime.endpoints.get(name) ?? newEndpoint(name, added.version, 'READY', now());
        runtime.endpoints.set(
          name,
          Object.assign(endpoint, { liveVersion: added.version, targetVersion: added.version, lastUpdatedAt: now() }),
        );
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

  /** Takes a runtime away, with its sessions. */
  public async remove(served: ServedRuntime): Promise<void> {
    this.parts.registry.remove(this.parts.registry.of(served));
    await served.close('runtime-deleted');
  }

  public get(id: string, { query }: ControlRequest): ControlAnswer {
    const runtime = this.parts.registry.find(id);
    return { status: 200, body: describeRuntime(runtime, versionOf(runtime, query.get('version'))) };
  }

  public delete(id: string, { query }: ControlRequest): ControlAnswer {
    const { registry, later } = this.parts;
    const runtime = registry.find(id);
    checkSettled(runtime);
    const asked = query.get('version');
    if (asked !== null) {
      return this.deleteVersion(runtime, versionOf(runtime, asked));
    }
    runtime.status = 'DELETING';
    later(async () => {
      registry.remove(runtime);
      await runtime.served?.close('runtime-deleted');
    });
    return { status: 202, body: { agentRuntimeId: id, status: 'DELETING' } };
  }

  public list({ query }: ControlRequest): ControlAnswer {
    return page(
      this.parts.registry.runtimes.map(runtime => summarizeRuntime(runtime, newestOf(runtime))),
      'agentRuntimes',
      query,
    );
  }

  public listVersions(id: string, { query }: ControlRequest): ControlAnswer {
    const runtime = this.parts.registry.find(id);
    return page(
      [...runtime.versions].reverse().map(version => summarizeRuntime(runtime, version)),
      'agentRuntimes',
      query,
    );
  }

  private deleteVersion(runtime: ManagedRuntime, version: ManagedVersion): ControlAnswer {
    const pointing = [...runtime.endpoints.values()].find(({ liveVersion, targetVersion }) =>
      [liveVersion, targetVersion].includes(version.version),
    );
    if (pointing) {
      throw conflict(`Version ${version.version} is used by the endpoint ${pointing.name}`);
    }
    runtime.versions.splice(runtime.versions.indexOf(version), 1);
    runtime.status = newestOf(runtime).status;
    runtime.served?.removeVersion(version.version);
    return {
      status: 202,
      body: { agentRuntimeId: runtime.id, agentRuntimeVersion: version.version, status: 'DELETING' },
    };
  }

  private async publish(runtime: ManagedRuntime, version: ManagedVersion, failed: Status): Promise<void> {
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
    const definition = this.define(runtime, version.request as RuntimeRequest);
    if (typeof definition === 'string') {
      return definition;
    }
    Object.assign(version, { definition });
    if (runtime.served) {
      const { pool } = runtime.served.publish(version.version, definition);
      pool.refill();
      return undefined;
    }
    const served = newServedRuntime(definition, this.parts.shared, version.version);
    const opened = served.open();
    // READY says nothing of whether the server starts (V1); a snapshot (V2) is made of a server that does.
    if (definition.features.platformVersion === 'V2') {
      try {
        await opened;
      } catch (error) {
        await served.close('runtime-deleted');
        return `Runtime health check failed: ${(error as Error).message.split('\n')[0]}`;
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
    this.parts.registry.serve(runtime, served);
    return undefined;
  }

  private define({ name, arn }: ManagedRuntime, request: RuntimeRequest): RuntimeDefinition | string {
    const { serverProtocol = 'HTTP', path, port } = request.protocolConfiguration ?? {};
    if (serverProtocol !== 'MCP' && serverProtocol !== 'HTTP') {
      return `the protocol ${serverProtocol} does not run here`;
    }
    const artifact = resolveArtifact(request.agentRuntimeArtifact, this.parts.artifacts);
    if (typeof artifact === 'string') {
      return artifact;
    }
    const { idleRuntimeSessionTimeout, maxLifetime } = request.lifecycleConfiguration ?? {};
    const platformVersion = request.platformVersion === 'V2' ? 'V2' : 'V1';
    const ofCode = request.agentRuntimeArtifact.codeConfiguration
      ? ZIP_START_LIMIT_SECONDS
      : CONTAINER_START_LIMIT_SECONDS;
    return {
      name,
      arn,
      command: artifact.command,
      cwd: artifact.cwd,
      region: localRegion(),
      endpoints: [],
      notes: [],
      stackName: undefined,
      image: undefined,
      tablesEndpoint: undefined,
      environment: { ...artifact.environment, ...request.environmentVariables },
      ...lifecycleOf(idleRuntimeSessionTimeout, maxLifetime),
      startLimitSeconds: startLimitOf(ofCode, { platformVersion }),
      features: {
        protocol: serverProtocol,
        path,
        port,
        requestHeaderAllowlist: request.requestHeaderConfiguration?.requestHeaderAllowlist ?? [],
        customJWTAuthorizer: request.authorizerConfiguration?.customJWTAuthorizer,
        sessionStorage: request.filesystemConfigurations?.find(({ sessionStorage }) => sessionStorage)?.sessionStorage
          ?.mountPath,
        platformVersion,
      },
    };
  }
}

/** AgentCore makes one with each runtime, in the directory of the account. */
function workloadIdentityArn({ arn, id }: ManagedRuntime): string {
  return arn.replace(/:runtime\/.*$/, `:workload-identity-directory/default/workload-identity/${id}`);
}

function addVersion(
  runtime: ManagedRuntime,
  request: RuntimeRequest | undefined,
  status: Status,
  createdAt: Date,
): ManagedVersion {
  runtime.lastVersion++;
  const version: ManagedVersion = {
    version: String(runtime.lastVersion),
    request,
    definition: undefined,
    createdAt,
    status,
    failureReason: undefined,
  };
  runtime.versions.push(version);
  return version;
}

function versionOf(runtime: ManagedRuntime, asked: string | null): ManagedVersion {
  const version = asked === null ? newestOf(runtime) : runtime.versions.find(candidate => candidate.version === asked);
  if (!version) {
    throw notFound('Version', asked ?? '');
  }
  return version;
}

function checkSettled(runtime: ManagedRuntime): void {
  if (isChanging(runtime)) {
    throw conflict(`Agent ${runtime.id} is in the state ${runtime.status}; wait until it is READY`);
  }
}

function isChanging({ status }: ManagedRuntime): boolean {
  return status === 'CREATING' || status === 'UPDATING' || status === 'DELETING';
}
