import type { Exchange } from '../http/exchange';
import { ServerConnections } from '../http/server-connections';
import { listeningPorts } from '../machine/listening-ports';
import { DEFAULT_PORTS, type RuntimeFeatures } from '../model/runtime-definition';
import { runtimeClientError, type PlatformException } from '../platform/platform-errors';
import type { SessionProcess } from '../process/session-process';
import { forwardToPort } from '../request/port-forward';
import type { TimeLimits } from '../request/time-limits';

/** A port of a session as its microVM has it, and what of it is wanted. */
export interface WantedPort {
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** Told why there is no answer. */
export type PortFailure = (exception: PlatformException) => void;

interface PortExchange {
  readonly wanted: WantedPort;
  readonly limits: TimeLimits;
  readonly failed: PortFailure;
}

/**
 * Forwards a request to a port of a session: that of its server, which listens on another one here, or one on which a
 * process of the session listens itself. A session must not reach what another one has on this machine.
 */
export async function forwardToSessionPort(
  exchange: Exchange,
  process: SessionProcess,
  features: RuntimeFeatures,
  { wanted: { port, path }, limits, failed }: PortExchange,
): Promise<void> {
  const isServer = port === (features.port ?? DEFAULT_PORTS[features.protocol]);
  if (!isServer && !(await listeningPorts(process.pid)).includes(port)) {
    failed(runtimeClientError(`nothing of this session listens on port ${port}`));
    return;
  }
  const connections = isServer ? process.connections : new ServerConnections(port);
  try {
    await forwardToPort(
      exchange,
      {
        port: isServer ? process.port : port,
        connections,
        path,
        failed: exception => {
          failed(exception ?? runtimeClientError(`port ${port} of the session gave no answer`));
        },
      },
      limits,
    );
  } finally {
    if (!isServer) {
      connections.destroy();
    }
  }
}
