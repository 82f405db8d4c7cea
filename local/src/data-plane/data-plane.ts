import type { AccountQuotas } from '../platform/account-quotas';
import type { Clock } from '../common/clock';
import { respondException } from '../platform/error-encoding';
import type { EventLog } from '../events/event-log';
import { respondJson, pathOf, type Exchange } from '../http/exchange';
import type { FaultPlan, PlannedFault } from './faults';
import { originOf, type InboundAuth } from '../auth/inbound-auth';
import { exceptionOf, Invocation } from '../request/invocation';
import { PlatformException, resourceNotFound } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import { protectedResourceMetadata } from '../auth/protected-resource';
import { checkAccept, checkMembers, checkPayload } from '../request/request-members';
import { rpcMethodOf } from '../request/rpc-message';
import type { Destination } from './routes';
import type { RuntimeVersion } from '../session/runtime-version';
import { stopRuntimeSession } from './stop-runtime-session';
import type { TimeLimits } from '../request/time-limits';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

export interface DataPlaneParts {
  readonly auth: InboundAuth;
  readonly quotas: AccountQuotas;
  readonly settings: PlatformSettings;
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly faults: FaultPlan;
}

const OPERATION_NAMES = { stop: 'StopRuntimeSession', metadata: 'protected resource metadata' } as const;

/**
 * The operations on runtimes that exist: InvokeAgentRuntime, StopRuntimeSession and the protected resource metadata.
 */
export class DataPlane {
  public constructor(private readonly parts: DataPlaneParts) {}

  /** Handles a request to a runtime. Settles when the exchange is over. */
  public handle(exchange: Exchange, destination: Destination, timeLimits: TimeLimits): Promise<void> {
    const { operation } = destination;
    return operation === 'invoke'
      ? this.invoke(exchange, destination, timeLimits)
      : this.operate(operation, exchange, destination);
  }

  private async operate(
    operation: keyof typeof OPERATION_NAMES,
    exchange: Exchange,
    destination: Destination,
  ): Promise<void> {
    let error: PlatformException | undefined;
    let status = 200;
    try {
      if (operation === 'metadata') {
        this.respondMetadata(exchange, destination);
      } else {
        await this.stop(exchange, destination);
      }
    } catch (caught) {
      error = exceptionOf(caught);
      status = respondException(exchange, error, 'native', this.parts.settings.errorTexts);
    }
    this.parts.eventLog.record({
      type: 'operation',
      operation: OPERATION_NAMES[operation],
      method: exchange.method,
      path: pathOf(exchange),
      runtimeName: destination.runtime.definition.name,
      status,
      error: error && { name: error.name, message: error.message },
    });
  }

  private async invoke(exchange: Exchange, destination: Destination, timeLimits: TimeLimits): Promise<void> {
    const { settings, eventLog, clock } = this.parts;
    const { runtime } = destination;
    const startedAt = clock.now();
    const invocation = new Invocation(exchange, runtime.dialect, settings, timeLimits);
    let refusal: { readonly name: string; readonly message: string } | undefined;
    try {
      this.parts.quotas.admitRequest();
      const version = runtime.versionOf(destination.qualifier);
      checkPayload(exchange);
      const caller = this.parts.auth.callerOf(exchange, version.definition, destination);
      invocation.caller = caller instanceof Promise ? await caller : caller;
      checkMembers(exchange);
      if (this.parts.faults.planned) {
        invocation.fault = await this.meet(exchange);
      }
      if (this.refuses(exchange, version)) {
        respondJson(exchange.response, 405, JSON.stringify({ message: 'Method Not Allowed' }), [
          'Allow',
          this.methodsOf(version).join(', '),
        ]);
        invocation.status = 405;
        refusal = {
          name: 'MethodNotAllowed',
          message: `${exchange.method} is none of ${this.methodsOf(version).join(', ')}`,
        };
        return;
      }
      if (version.definition.features.protocol === 'MCP') {
        checkAccept(exchange, settings.missingAccept);
      }
      await runtime.sessions.dispatch(invocation, version);
    } catch (error) {
      runtime.sessions.recognize(invocation);
      await invocation.fail(error);
    } finally {
      const { failure, sessionId, status } = invocation;
      eventLog.record({
        type: 'request',
        runtimeName: runtime.definition.name,
        sessionId,
        method: exchange.method,
        rpcMethod: rpcMethodOf(exchange),
        status,
        error: failure ? { name: failure.name, message: failure.message } : refusal,
        durationMs: clock.now() - startedAt,
      });
    }
  }

  private async stop(exchange: Exchange, destination: Destination): Promise<void> {
    this.parts.quotas.admitRequest();
    if (exchange.method !== 'POST') {
      throw resourceNotFound(`${exchange.method} is no operation here`);
    }
    const { definition } = destination.runtime.versionOf(destination.qualifier);
    checkPayload(exchange);
    const caller = await this.parts.auth.callerOf(exchange, definition, destination);
    checkMembers(exchange);
    await stopRuntimeSession(exchange, destination.runtime.sessions, caller, this.parts.settings);
  }

  private respondMetadata(exchange: Exchange, { runtime, qualifier }: Destination): void {
    this.parts.quotas.admitRequest();
    const {
      arn,
      features: { customJWTAuthorizer },
    } = runtime.versionOf(qualifier).definition;
    if (exchange.method !== 'GET' || !customJWTAuthorizer) {
      throw resourceNotFound('the runtime has no protected resource metadata');
    }
    respondJson(
      exchange.response,
      200,
      protectedResourceMetadata(originOf(exchange), arn, qualifier, customJWTAuthorizer),
    );
  }

  private refuses({ method }: Exchange, version: RuntimeVersion): boolean {
    return method !== 'POST' && !this.methodsOf(version).includes(method);
  }

  private methodsOf({ definition }: RuntimeVersion): readonly string[] {
    return definition.features.protocol === 'HTTP' || this.parts.settings.getAndDelete === 'refuse'
      ? ['POST']
      : ['POST', 'GET', 'DELETE'];
  }

  private async meet(exchange: Exchange): Promise<PlannedFault> {
    const { faults, clock } = this.parts;
    await exchange.body.readBeginning();
    const sessionId = (exchange.headers[MCP_SESSION_ID] ?? exchange.headers[RUNTIME_SESSION_ID]) as string | undefined;
    const fault = faults.take(sessionId, rpcMethodOf(exchange));
    if (fault.delayMs) {
      await new Promise<void>(resolve => {
        clock.setTimeout(resolve, fault.delayMs ?? 0);
      });
    }
    if (fault.throttled) {
      throw new PlatformException('ThrottlingException', 'Rate exceeded: throttled on request');
    }
    return fault;
  }
}
