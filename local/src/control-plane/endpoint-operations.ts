import { PlatformException } from '../platform/platform-errors';
import { describeEndpoint, newestOf, type ManagedEndpoint, type ManagedRuntime } from './managed-runtime';
import { conflict, notFound, page, type ControlResponse, type ControlRequest } from './operation';
import { newEndpoint } from './registry';
import { CREATE_ENDPOINT, UPDATE_ENDPOINT } from './request-shapes';
import type { OperationParts } from './runtime-operations';
import { checkShape } from './runtime-request';
import { DEFAULT_ENDPOINT } from '../model/runtime-urls';

/** Devguide, "quotas for Bedrock AgentCore". */
const MOST_ENDPOINTS = 10;

interface EndpointRequest {
  readonly name: string;
  readonly agentRuntimeVersion?: string;
  readonly description?: string;
}

/**
 * Create, update, get, delete and list the endpoints of a runtime. `DEFAULT` is the service's own: made with the
 * runtime, and moved to each new version.
 */
export class EndpointOperations {
  public constructor(private readonly parts: OperationParts) {}

  public create(id: string, { body }: ControlRequest): ControlResponse {
    checkShape(CREATE_ENDPOINT, body);
    const { name, agentRuntimeVersion, description } = body as unknown as EndpointRequest;
    const runtime = this.parts.registry.find(id);
    if (runtime.endpoints.has(name)) {
      throw conflict('An endpoint with the specified name already exists');
    }
    if (runtime.endpoints.size >= MOST_ENDPOINTS) {
      throw new PlatformException('ServiceQuotaExceededException', `An agent has at most ${MOST_ENDPOINTS} endpoints`);
    }
    const version = this.readyVersion(runtime, agentRuntimeVersion ?? newestOf(runtime).version);
    const endpoint: ManagedEndpoint = { ...newEndpoint(name, version, 'CREATING', this.parts.now()), description };
    runtime.endpoints.set(name, endpoint);
    this.pointLater(runtime, endpoint);
    return { status: 202, body: { ...describeEndpoint(runtime, endpoint), agentRuntimeId: id, endpointName: name } };
  }

  public update(id: string, name: string, { body }: ControlRequest): ControlResponse {
    checkShape(UPDATE_ENDPOINT, body);
    const { agentRuntimeVersion, description } = body as unknown as EndpointRequest;
    const runtime = this.parts.registry.find(id);
    const endpoint = this.endpointOf(runtime, name);
    if (name === DEFAULT_ENDPOINT) {
      throw conflict('The DEFAULT endpoint always points to the newest version and cannot be updated');
    }
    checkSettled(endpoint);
    endpoint.targetVersion = this.readyVersion(runtime, agentRuntimeVersion ?? newestOf(runtime).version);
    endpoint.description = description ?? endpoint.description;
    endpoint.status = 'UPDATING';
    endpoint.lastUpdatedAt = this.parts.now();
    this.pointLater(runtime, endpoint);
    return { status: 202, body: describeEndpoint(runtime, endpoint) };
  }

  public get(id: string, name: string): ControlResponse {
    const runtime = this.parts.registry.find(id);
    return { status: 200, body: describeEndpoint(runtime, this.endpointOf(runtime, name)) };
  }

  public delete(id: string, name: string): ControlResponse {
    const runtime = this.parts.registry.find(id);
    const endpoint = this.endpointOf(runtime, name);
    if (name === DEFAULT_ENDPOINT) {
      throw conflict('The DEFAULT endpoint cannot be deleted');
    }
    checkSettled(endpoint);
    endpoint.status = 'DELETING';
    this.parts.later(() => {
      runtime.endpoints.delete(name);
      runtime.served?.removeEndpoint(name);
      return Promise.resolve();
    });
    return { status: 202, body: { agentRuntimeId: id, endpointName: name, status: 'DELETING' } };
  }

  public list(id: string, { query }: ControlRequest): ControlResponse {
    const runtime = this.parts.registry.find(id);
    return page(
      [...runtime.endpoints.values()].map(endpoint => describeEndpoint(runtime, endpoint)),
      'runtimeEndpoints',
      query,
    );
  }

  private pointLater(runtime: ManagedRuntime, endpoint: ManagedEndpoint): void {
    this.parts.later(() => {
      runtime.served?.pointEndpoint(endpoint.name, endpoint.targetVersion);
      endpoint.liveVersion = endpoint.targetVersion;
      endpoint.status = 'READY';
      endpoint.lastUpdatedAt = this.parts.now();
      return Promise.resolve();
    });
  }

  private endpointOf({ endpoints }: ManagedRuntime, name: string): ManagedEndpoint {
    const endpoint = endpoints.get(name);
    if (!endpoint) {
      throw notFound('Endpoint', name);
    }
    return endpoint;
  }

  private readyVersion(runtime: ManagedRuntime, asked: string): string {
    const version = runtime.versions.find(candidate => candidate.version === asked);
    if (!version) {
      throw notFound('Version', asked);
    }
    if (version.status !== 'READY') {
      throw conflict(`Version ${asked} is in the state ${version.status}; wait until it is READY`);
    }
    return asked;
  }
}

function checkSettled({ name, status }: ManagedEndpoint): void {
  if (status !== 'READY') {
    throw conflict(`Endpoint ${name} is in the state ${status}; wait until it is READY`);
  }
}
