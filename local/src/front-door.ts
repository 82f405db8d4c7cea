import type { ControlPlane } from './control-plane/control-plane';
import type { DataPlane } from './data-plane/data-plane';
import type { Routes } from './data-plane/routes';
import type { SessionEndpoints } from './data-plane/session-endpoint';
import { fetchByExchange } from './http/fetch-adapter';
import { respondJson, pathOf, type Exchange } from './http/exchange';
import { listen, type ListenOptions, type LocalRuntimeListener } from './http/listener';
import { respondException } from './platform/error-encoding';
import { exceptionOf } from './request/invocation';
import { looksLikeMcp } from './request/rpc-message';
import { TimeLimits, respondTimeOver } from './request/time-limits';
import type { SharedParts } from './runtime/runtime-factory';

export interface FrontDoorParts {
  readonly routes: Routes;
  readonly dataPlane: DataPlane;
  readonly sessionEndpoints: SessionEndpoints;
  readonly controlPlane: ControlPlane;
  readonly shared: SharedParts;
  /** Requests wait for it. */
  readonly started: Promise<void>;
  /** @throws LocalRuntimeError `ERR_CLOSED`, once nothing is answered any more */
  readonly checkOpen: () => void;
}

/** Where every request comes in, by a port or by `fetch`, and is routed to the data plane or the control plane. */
export class FrontDoor {
  private readonly listeners = new Set<LocalRuntimeListener>();
  private isStarted = false;

  public constructor(private readonly parts: FrontDoorParts) {
    // Requests after the start are routed in the turn they come in.
    void parts.started.then(
      () => {
        this.isStarted = true;
      },
      () => {},
    );
  }

  /** Routes a request of this program. */
  public fetch(request: Request): Promise<Response> {
    return fetchByExchange(request, exchange => this.route(exchange), this.parts.shared.limits.payloadBytes);
  }

  /** @throws LocalRuntimeError `ERR_PORT_IN_USE`, `ERR_LISTEN_FAILED` or `ERR_INVALID_OPTION` */
  public async listen(options: ListenOptions): Promise<LocalRuntimeListener> {
    const listener = await listen(options, {
      handle: exchange => this.route(exchange),
      refused: (exchange, status, message) => {
        this.logUnrouted(exchange, status, { name: 'Forbidden', message });
      },
      longestBody: this.parts.shared.limits.payloadBytes,
    });
    this.listeners.add(listener);
    return listener;
  }

  /** Closes every port. */
  public async close(): Promise<void> {
    await Promise.all([...this.listeners].map(listener => listener.close()));
  }

  private async route(exchange: Exchange): Promise<void> {
    const { clock, limits, settings } = this.parts.shared;
    if (!this.isStarted) {
      await this.parts.started;
    }
    this.parts.checkOpen();
    const { errorTexts } = settings;
    const timeLimits = new TimeLimits(clock, limits);
    timeLimits.tell(exception => {
      respondTimeOver(exchange, exception, 'native', errorTexts);
    });
    try {
      await this.routeWithin(timeLimits, exchange);
    } catch (error) {
      timeLimits.tell(exception => {
        respondTimeOver(exchange, exception, looksLikeMcp(exchange) ? 'mcp' : 'native', errorTexts);
      });
      await exchange.body.readBeginning();
      const exception = exceptionOf(error);
      const status = respondException(exchange, exception, looksLikeMcp(exchange) ? 'mcp' : 'native', errorTexts);
      this.logUnrouted(exchange, status, exception);
    } finally {
      timeLimits.cancel();
    }
  }

  /** @throws PlatformException for a runtime that does not exist */
  private routeWithin(timeLimits: TimeLimits, exchange: Exchange): Promise<void> {
    const { routes, dataPlane, sessionEndpoints } = this.parts;
    if (sessionEndpoints.covers(exchange.url)) {
      return sessionEndpoints.handle(exchange, timeLimits);
    }
    const destination = routes.find(exchange.url);
    return destination ? dataPlane.handle(exchange, destination, timeLimits) : this.routeElsewhere(exchange);
  }

  private async routeElsewhere(exchange: Exchange): Promise<void> {
    const { controlPlane, routes } = this.parts;
    if (await controlPlane.handle(exchange)) {
      return;
    }
    respondJson(
      exchange.response,
      404,
      JSON.stringify({ message: `nothing at this path; served are: ${routes.paths.join(', ')}` }),
    );
    this.logUnrouted(exchange, 404, { name: 'NotFound', message: `nothing at ${pathOf(exchange)}` });
  }

  private logUnrouted(
    exchange: Exchange,
    status: number,
    { name, message }: { readonly name: string; readonly message: string },
  ): void {
    this.parts.shared.eventLog.record({
      type: 'operation',
      operation: undefined,
      method: exchange.method,
      path: pathOf(exchange),
      runtimeName: undefined,
      status,
      error: { name, message },
    });
  }
}
