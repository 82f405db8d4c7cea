import {
  addVersion,
  describeRuntime,
  identityOf,
  isChanging,
  newestOf,
  summarizeRuntime,
  type ManagedRuntime,
  type ManagedVersion,
} from './managed-runtime';
import { conflict, notFound, page, type ControlResponse, type ControlRequest } from './operation';
import type { Publication } from './publication';
import { newEndpoint, type Registry } from './registry';
import { CREATE_RUNTIME, UPDATE_RUNTIME } from './request-shapes';
import { checkRuntime, checkShape, type RuntimeRequest } from './runtime-request';
import { DEFAULT_ENDPOINT } from '../model/runtime-urls';

export interface OperationParts {
  readonly registry: Registry;
  readonly publication: Publication;
  readonly now: () => Date;
  /** Does what comes after the response: statuses change a little later, as on AgentCore. */
  readonly later: (change: () => Promise<void>) => void;
}

/** Create, update, get, delete and list runtimes, and list their versions. */
export class RuntimeOperations {
  public constructor(private readonly parts: OperationParts) {}

  public create({ body }: ControlRequest): ControlResponse {
    checkShape(CREATE_RUNTIME, body);
    const request = body as unknown as RuntimeRequest & { readonly agentRuntimeName: string };
    checkRuntime(request);
    const { registry, publication, later, now } = this.parts;
    const name = request.agentRuntimeName;
    if (registry.runtimes.some(runtime => runtime.name === name)) {
      throw conflict(`An agent with the specified name already exists: ${name}`);
    }
    const runtime = registry.register(name);
    const version = addVersion(runtime, request, 'CREATING', now());
    runtime.endpoints.set(DEFAULT_ENDPOINT, newEndpoint(DEFAULT_ENDPOINT, '1', 'CREATING', now()));
    later(() => publication.publish(runtime, version, 'CREATE_FAILED'));
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

  public update(id: string, { body }: ControlRequest): ControlResponse {
    const { registry, publication, later, now } = this.parts;
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
    later(() => publication.publish(runtime, version, 'UPDATE_FAILED'));
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

  public get(id: string, { query }: ControlRequest): ControlResponse {
    const runtime = this.parts.registry.find(id);
    return { status: 200, body: describeRuntime(runtime, versionOf(runtime, query.get('version'))) };
  }

  public delete(id: string, { query }: ControlRequest): ControlResponse {
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

  public list({ query }: ControlRequest): ControlResponse {
    return page(
      this.parts.registry.runtimes.map(runtime => summarizeRuntime(runtime, newestOf(runtime))),
      'agentRuntimes',
      query,
    );
  }

  public listVersions(id: string, { query }: ControlRequest): ControlResponse {
    const runtime = this.parts.registry.find(id);
    return page(
      [...runtime.versions].reverse().map(version => summarizeRuntime(runtime, version)),
      'agentRuntimes',
      query,
    );
  }

  private deleteVersion(runtime: ManagedRuntime, version: ManagedVersion): ControlResponse {
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
}

/** AgentCore makes one with each runtime, in the directory of the account. */
function workloadIdentityArn({ arn, id }: ManagedRuntime): string {
  return arn.replace(/:runtime\/.*$/, `:workload-identity-directory/default/workload-identity/${id}`);
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
