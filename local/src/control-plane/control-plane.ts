import type { Clock } from '../clock';
import { answerException } from '../error-encoding';
import { answerJson, type Exchange } from '../exchange';
import type { InboundAuth } from '../inbound-auth';
import { exceptionOf } from '../invocation';
import { PlatformException } from '../platform-errors';
import { localRegion, type RuntimeDefinition } from '../runtime-definition';
import type { SharedParts } from '../runtime-factory';
import type { ServedRuntime } from '../served-runtime';
import type { LocalArtifact } from './artifacts';
import { EndpointOperations } from './endpoint-operations';
import { Idempotency } from './idempotency';
import type { ControlAnswer, ControlRequest } from './operation';
import { Registry } from './registry';
import { RuntimeOperations } from './runtime-operations';

export interface ControlPlaneParts {
  readonly auth: InboundAuth;
  readonly clock: Clock;
  /** The runtimes of the data plane, to which this adds and from which it takes. */
  readonly serving: ServedRuntime[];
  readonly parts: SharedParts;
  readonly artifacts: Readonly<Record<string, LocalArtifact>>;
}

type Operation = (request: ControlRequest, id: string, name: string) => ControlAnswer;

// How long a status such as CREATING lasts: long enough to be seen by a client that asks, short enough for a test.
const TRANSITION_MS = 100;

/** Create, update, get, delete and list runtimes, versions and endpoints: the AWS SDK's control client works against it. */
export class ControlPlane {
  private readonly operations: Readonly<Record<string, Operation>>;
  private readonly runtimes: RuntimeOperations;
  private readonly idempotency = new Idempotency();
  private readonly changes = new Set<NodeJS.Timeout>();

  public constructor(private readonly parts: ControlPlaneParts) {
    const { clock, serving, artifacts } = parts;
    const now = (): Date => new Date(clock.now());
    const operationParts = {
      registry: new Registry(serving, now), shared: parts.parts, artifacts, now, later: (change: () => Promise<void>) => { this.later(change); },
    };
    const runtimes = this.runtimes = new RuntimeOperations(operationParts);
    const endpoints = new EndpointOperations(operationParts);
    this.operations = {
      'PUT runtimes': request => runtimes.create(request),
      'POST runtimes': request => runtimes.list(request),
      'PUT runtime': (request, id) => runtimes.update(id, request),
      'GET runtime': (request, id) => runtimes.get(id, request),
      'DELETE runtime': (request, id) => runtimes.delete(id, request),
      'POST versions': (request, id) => runtimes.listVersions(id, request),
      'PUT runtime-endpoints': (request, id) => endpoints.create(id, request),
      'POST runtime-endpoints': (request, id) => endpoints.list(id, request),
      'PUT runtime-endpoint': (request, id, name) => endpoints.update(id, name, request),
      'GET runtime-endpoint': (_, id, name) => endpoints.get(id, name),
      'DELETE runtime-endpoint': (_, id, name) => endpoints.delete(id, name),
    };
  }

  /** Answers a request to the control plane. Returns false, without an answer, when it is none. */
  public async serve(exchange: Exchange): Promise<boolean> {
    const [path = '', query = ''] = exchange.url.split('?', 2);
    const [, id, collection, name] = /^\/runtimes(?:\/([\w-]+)(?:\/(versions|runtime-endpoints)(?:\/([\w-]+))?)?)?\/?$/.exec(path) ?? ['', '', undefined];
    const resource = collection === undefined ? (id === undefined ? 'runtimes' : 'runtime') : name === undefined ? collection : 'runtime-endpoint';
    const operation = id === '' ? undefined : this.operations[`${exchange.method} ${resource}`];
    if (!operation) return false;
    try {
      await this.parts.auth.controlCallerOf(exchange, localRegion());
      const request = { query: new URLSearchParams(query), body: await bodyOf(exchange) };
      const answer = this.idempotency.once(request.body.clientToken ?? request.query.get('clientToken'), `${exchange.method} ${path} ${JSON.stringify(request.body)}`, () =>
        operation(request, id ?? '', name ?? ''));
      answerJson(exchange.answer, answer.status, JSON.stringify(answer.body));
    } catch (error) {
      answerException(exchange, exceptionOf(error), 'native', 'specific');
    }
    return true;
  }

  /**
   * Publishes a version that no request asks for. Gives its number.
   *
   * @throws LocalRuntimeError `ERR_RUNTIME_CHANGING`, and what the server fails with
   */
  public publish(served: ServedRuntime, definition: RuntimeDefinition): Promise<string> {
    return this.runtimes.publishDefinition(served, definition);
  }

  /** Takes a runtime away that no request has made. */
  public remove(served: ServedRuntime): Promise<void> {
    return this.runtimes.remove(served);
  }

  /** Nothing changes any more. */
  public close(): void {
    for (const change of this.changes) clearTimeout(change);
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
  const text = (await body.readAll())?.toString('utf8') ?? '';
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new PlatformException('ValidationException', 'the body is no JSON object', { reason: 'CannotParse' });
}
