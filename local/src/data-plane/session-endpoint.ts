import type { InboundAuth } from '../auth/inbound-auth';
import type { EventLog } from '../events/event-log';
import { pathOf, type Exchange } from '../http/exchange';
import { DEFAULT_ENDPOINT } from '../model/runtime-urls';
import { resourceNotFound, type PlatformException } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import { exceptionOf } from '../request/invocation';
import type { TimeLimits } from '../request/time-limits';
import type { ServedRuntime } from '../runtime/served-runtime';
import { SESSION_ENDPOINTS } from '../session/session';

/** What is asked of a session endpoint: the session, one of its ports, and what of it. */
interface Wanted {
  readonly token: string;
  readonly port: number;
  readonly path: string;
}

const WANTED = new RegExp(`^${SESSION_ENDPOINTS}([^/?]+)(?:/(\\d{1,5}))?(/[^?]*)?(\\?.*)?$`);

/** Statuses and codes of "runtime session endpoints" of the developer guide, and of others what fits them. */
const ERRORS: Readonly<Record<string, readonly [status: number, code: string]>> = {
  AccessDeniedException: [403, 'AccessDenied'],
  UnauthorizedException: [401, 'AuthenticationRequired'],
  ResourceNotFoundException: [404, 'ResourceNotFound'],
  RuntimeClientError: [502, 'BadGateway'],
};

export interface SessionEndpointParts {
  readonly runtimes: () => readonly ServedRuntime[];
  readonly auth: InboundAuth;
  readonly settings: PlatformSettings;
  readonly eventLog: EventLog;
}

/** The URLs of single sessions, by which their callers reach ports of theirs. */
export class SessionEndpoints {
  public constructor(private readonly parts: SessionEndpointParts) {}

  /** Whether a request is for one of them. */
  public covers(url: string): boolean {
    return url.startsWith(SESSION_ENDPOINTS);
  }

  /** Handles a request to a port of a session. Settles when the exchange is over. */
  public async handle(exchange: Exchange, timeLimits: TimeLimits): Promise<void> {
    let runtimeName: string | undefined;
    let failure: PlatformException | undefined;
    let status = 200;
    try {
      const wanted = wantedOf(exchange.url);
      const found = this.find(wanted);
      runtimeName = found.runtime.definition.name;
      const caller = await this.parts.auth.callerOf(exchange, found.session.version.definition, {
        qualifier: DEFAULT_ENDPOINT,
        surface: 'platform',
      });
      if (found.session.owner !== caller.identity && this.parts.settings.sessionBinding === 'caller') {
        throw noSession();
      }
      await found.session.reach(exchange, wanted, timeLimits, exception => {
        failure = exception;
        status = refuse(exchange, exception);
      });
    } catch (error) {
      failure = exceptionOf(error);
      status = refuse(exchange, failure);
    }
    this.parts.eventLog.record({
      type: 'operation',
      operation: 'session endpoint',
      method: exchange.method,
      path: pathOf(exchange),
      runtimeName,
      status,
      error: failure && { name: failure.name, message: failure.message },
    });
  }

  private find({ token }: Wanted) {
    for (const runtime of this.parts.runtimes()) {
      for (const session of runtime.sessions.running) {
        if (session.endpointToken === token) {
          return { runtime, session };
        }
      }
    }
    throw noSession();
  }
}

function wantedOf(url: string): Wanted {
  const [, token = '', port, path = '/', query = ''] = WANTED.exec(url) ?? [];
  return { token, port: Number(port ?? NaN), path: `${path}${query}` };
}

function noSession(): PlatformException {
  return resourceNotFound('no live session has this endpoint');
}

/** The code in a header, and an empty body. */
function refuse({ response }: Exchange, { name, details }: PlatformException): number {
  const [status, code] = ERRORS[name] ?? [500, 'InternalServerError'];
  if (!response.destroyed && !response.headersSent) {
    response.writeHead(status, ['x-amzn-ErrorType', code, 'Content-Length', '0', ...(details.headers ?? [])]);
    response.end();
  }
  return status;
}
