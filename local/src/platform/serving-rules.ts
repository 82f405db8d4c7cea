import {
  DEFAULT_MCP_PATH,
  DEFAULT_MCP_PORT,
  HEALTH_PATH,
  HIGHEST_SERVER_PORT,
  HOOK_PATH,
  LOWEST_SERVER_PORT,
  MOST_ALLOWED_PORTS,
  RESERVED_SERVER_PORT,
  SERVER_PATH,
} from 'stateful-mcp-contract';
import type { PortRange, WarmupHook } from '../model/runtime-definition';

/** What a runtime says of where it is called. */
export interface Serving {
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly allowedPorts?: readonly PortRange[] | undefined;
  readonly warmup?: WarmupHook | undefined;
  readonly platformVersion?: string | undefined;
}

/**
 * What AgentCore refuses in it, in words that begin with the member; undefined when nothing is wrong. Service model of
 * CreateAgentRuntime, and devguide, "lifecycle hooks" and "session endpoints".
 */
export function servingProblem(serving: Serving): string | undefined {
  const { port, path, allowedPorts = [], warmup, platformVersion } = serving;
  if (port !== undefined && !mayServe(port)) {
    return `protocolConfiguration.port: ${PORT_RULE}, got ${port}`;
  }
  if (path !== undefined && !SERVER_PATH.test(path)) {
    return `protocolConfiguration.path: must be a path of letters, digits and -._~/%, got ${path}`;
  }
  return portsProblem(allowedPorts) ?? (warmup && hookProblem(warmup, { port, path, platformVersion }));
}

const PORT_RULE = `must be from ${LOWEST_SERVER_PORT} to ${HIGHEST_SERVER_PORT} and not ${RESERVED_SERVER_PORT}`;

function mayServe(port: number): boolean {
  return (
    Number.isInteger(port) && port >= LOWEST_SERVER_PORT && port <= HIGHEST_SERVER_PORT && port !== RESERVED_SERVER_PORT
  );
}

function portsProblem(ports: readonly PortRange[]): string | undefined {
  if (ports.length > MOST_ALLOWED_PORTS) {
    return `allowedPorts: at most ${MOST_ALLOWED_PORTS} entries are allowed, got ${ports.length}`;
  }
  const sorted = [...ports].sort((one, other) => one.from - other.from);
  for (const [index, { from, to }] of sorted.entries()) {
    const holdsReserved = from <= RESERVED_SERVER_PORT && RESERVED_SERVER_PORT <= to;
    if (from > to || !mayServe(from) || !mayServe(to) || holdsReserved) {
      return `allowedPorts: ${PORT_RULE}, got ${from === to ? from : `${from} to ${to}`}`;
    }
    const before = sorted[index - 1];
    if (before && from <= before.to) {
      return `allowedPorts: must not overlap, got ${from} twice`;
    }
  }
  return undefined;
}

function hookProblem(warmup: WarmupHook, { port, path, platformVersion }: Serving): string | undefined {
  if (platformVersion !== 'V2') {
    return 'hooksConfiguration: lifecycle hooks need platformVersion V2';
  }
  if (warmup.port !== undefined && !mayServe(warmup.port)) {
    return `hooksConfiguration: the port of a hook ${PORT_RULE}, got ${warmup.port}`;
  }
  const serverPort = port ?? DEFAULT_MCP_PORT;
  const isTaken =
    (warmup.port ?? serverPort) === serverPort && [path ?? DEFAULT_MCP_PATH, HEALTH_PATH].includes(warmup.path);
  if (!HOOK_PATH.test(warmup.path) || isTaken) {
    return `hooksConfiguration: the path of a hook must differ from that of the server and of its health checks, and have 1 to 32 characters, got ${warmup.path}`;
  }
  return undefined;
}
