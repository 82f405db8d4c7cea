import type { Clock } from '../common/clock';
import { respondException } from '../platform/error-encoding';
import { respondJson, pathOf, type Exchange } from '../http/exchange';
import type { InboundAuth } from '../auth/inbound-auth';
import { exceptionOf } from '../request/invocation';
import { PlatformException } from '../platform/platform-errors';
import { localRegion, type RuntimeDefinition } from '../model/runtime-definition';
import type { SharedParts } from '../runtime/runtime-factory';
import type { RuntimeSet } from '../runtime/runtime-set';
import type { ServedRuntime } from '../runtime/served-runtime';
import type { LocalArtifact } from './artifacts';
import { EndpointOperations } from './endpoint-operations';
import { Idempotency } from './idempotency';
import { notSimulated, type ControlResponse, type ControlRequest } from './operation';
import { operationAt, type AskedOperation } from './operation-names';
import { Publication } from './publication';
import { Registry } from './registry';
import { RuntimeOperations } from './runtime-operations';

export interface ControlPlaneParts {
  readonly auth: InboundAuth;
  readonly clock: Clock;
  /** The runtimes of the data plane, to which this adds and from which it takes. */
  readonly runtimes: RuntimeSet;
  readonly shared: SharedParts;
  readonly artifacts: Readonly<Record<string, LocalArtifact>>;
  /** Variables of every runtime, which win over those of a request. */
  readonly environment: Readonly<Record<string, string>>;
}

type Operation = (request: ControlRequest, id: string, name: string) => ControlResponse;

/** How long a status such as CREATING lasts: long enough to be seen by a client that asks, short enough for a test. */
const TRANSITION_MS = 100;

/**
 * Create, update, get, delete and list runtimes, versions and endpoints: the AWS SDK's control client works against it.
 */
export class ControlPlane {
  private readonly operations: Readonly<Record<string, Operation>>;
  private readonly publication: Publication;
  private readonly idempotency = new Idempotency();
  private readonly changes = new Set<NodeJS.Timeout>();

  public constructor(private readonly parts: ControlPlaneParts) {
    const { clock, shared, artifacts, environment } = parts;
    const now = (): Date => new Date(clock.now());
    const registry = new Registry(parts.runtimes, now);
    this.publication = new Publication({ registry, shared, artifacts, environment, now });
    const operationParts = {
      registry,
      publication: this.publication,
      now,
      later: (change: () => Promise<void>) => {
        this.later(change);
      },
    };
    const runtimes = new RuntimeOperations(operationParts);
    const endpoints = new EndpointOperations(operationParts);
    this.operations = {
      CreateAgentRuntime: request => runtimes.create(request),
      ListAgentRuntimes: request => runtimes.list(request),
      UpdateAgentRuntime: (request, id) => runtimes.update(id, request),
      GetAgentRuntime: (request, id) => runtimes.get(id, request),
      DeleteAgentRuntime: (request, id) => runtimes.delete(id, request),
      ListAgentRuntimeVersions: (request, id) => runtimes.listVersions(id, request),
      CreateAgentRuntimeEndpoint: (request, id) => endpoints.create(id, request),
      ListAgentRuntimeEndpoints: (request, id) => endpoints.list(id, request),
      UpdateAgentRuntimeEndpoint: (request, id, name) => endpoints.update(id, name, request),
      GetAgentRuntimeEndpoint: (_, id, name) => endpoints.get(id, name),
      DeleteAgentRuntimeEndpoint: (_, id, name) => endpoints.delete(id, name),
    };
  }

  /** Handles a request to the control plane. Returns false, without a response, when it is none. */
  public async handle(exchange: Exchange): Promise<boolean> {
    const asked = operationAt(exchange);
    if (!asked) {
      return false;
    }
    const { operation } = asked;
    let status: number;
    let error: PlatformException | undefined;
    try {
      status = await this.respond(exchange, asked);
    } catch (caught) {
      error = exceptionOf(caught);
      status = respondException(exchange, error, 'native', 'specific');
    }
    this.parts.shared.eventLog.record({
      type: 'operation',
      operation,
      method: exchange.method,
      path: pathOf(exchange),
      runtimeName: undefined,
      status,
      error: error && { name: error.name, message: error.message },
    });
    return true;
  }

  /**
   * Publishes a version that no request asks for. Gives its number.
   *
   * @throws LocalRuntimeError `ERR_RUNTIME_CHANGING`, and what the server fails with
   */
  public publish(served: ServedRuntime, definition: RuntimeDefinition): Promise<string> {
    return this.publication.publishDefinition(served, definition);
  }

  /** Takes a runtime away that no request has made. */
  public remove(served: ServedRuntime): Promise<void> {
    return this.publication.remove(served);
  }

  /** Nothing changes any more. */
  public close(): void {
    for (const change of this.changes) {
      clearTimeout(change);
    }
  }

  private async respond(exchange: Exchange, { operation, id, name }: AskedOperation): Promise<number> {
    const { method, url } = exchange;
    const [path = '', query = ''] = url.split('?', 2);
    await this.parts.auth.controlCallerOf(exchange, localRegion());
    const implementation = this.operations[operation];
    if (!implementation) {
      throw notSimulated(operation);
    }
    const request = { query: new URLSearchParams(query), body: await bodyOf(exchange) };
    const token = request.body.clientToken ?? request.query.get('clientToken');
    const { status, body } = this.idempotency.once(token, `${method} ${path} ${JSON.stringify(request.body)}`, () =>
      implementation(request, id, name),
    );
    respondJson(exchange.response, status, JSON.stringify(body));
    return status;
  }

  private later(change: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.changes.delete(timer);
      void change();
    }, TRANSITION_MS).unref();
    this.changes.add(timer);
  }
}

async function bodyOf({ body }: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const value = parsed((await body.readAll())?.toString('utf8') ?? '');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return withoutNulls(value) as Readonly<Record<string, unknown>>;
  }
  throw new PlatformException('ValidationException', 'the body is no JSON object', { reason: 'CannotParse' });
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The service model nests about ten deep. */
const DEEPEST = 64;

/** A member that is null is one that is left out; in a list it is an item of a wrong type. */
function withoutNulls(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) {
    throw new PlatformException('ValidationException', `the body is nested deeper than ${DEEPEST} levels`, {
      reason: 'CannotParse',
    });
  }
  if (Array.isArray(value)) {
    return value.map(item => withoutNulls(item, depth + 1));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === null ? [] : [[name, withoutNulls(member, depth + 1)] as const],
    ),
  );
}
