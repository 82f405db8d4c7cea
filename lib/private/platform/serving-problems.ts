import { Token } from 'aws-cdk-lib';
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
} from '../common/contract';

/** A port, or all from one to another. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Where a server is called. */
export interface ServingProps {
  readonly port?: number;
  readonly path?: string;
  readonly allowedPorts?: readonly PortRange[];
  readonly warmup?: { readonly path: string; readonly port?: number };
}

const ALLOWED = `whole numbers from ${LOWEST_SERVER_PORT} to ${HIGHEST_SERVER_PORT} without ${RESERVED_SERVER_PORT}, which the platform keeps for itself, are allowed`;

/** What the service would refuse of where a server is called. Unresolved tokens are left to the deployment. */
export function servingProblems(props: ServingProps): string[] {
  const { port, path, allowedPorts, warmup } = props;
  return [
    ...(port === undefined || mayServe(port) ? [] : [`\`port\` is ${port}; ${ALLOWED}: choose one of them`]),
    ...(path === undefined ? [] : pathProblems(path)),
    ...(allowedPorts === undefined ? [] : allowedPortProblems(allowedPorts)),
    ...(warmup === undefined ? [] : warmupProblems(warmup, props)),
  ];
}

function pathProblems(path: string): string[] {
  if (Token.isUnresolved(path) || (SERVER_PATH.test(path) && path !== HEALTH_PATH)) {
    return [];
  }
  return [
    `\`path\` is ${shown(path)}; a slash, then letters, digits and -._~/% are allowed, 2048 at most, and not ${HEALTH_PATH}, where the platform asks how a server is: give the path without a query, such as "/tools/mcp"`,
  ];
}

function allowedPortProblems(ports: readonly PortRange[]): string[] {
  if (ports.length === 0 || ports.length > MOST_ALLOWED_PORTS) {
    const advice = ports.length === 0 ? 'leave it out instead' : 'put neighbours into one `AllowedPort.range(...)`';
    return [`\`allowedPorts\` has ${ports.length} entries; 1 to ${MOST_ALLOWED_PORTS} are allowed: ${advice}`];
  }
  const problems = ports.flatMap((range, index) => rangeProblems(`allowedPorts[${index}]`, range));
  return problems.length > 0 ? problems : overlapProblems(ports);
}

function rangeProblems(name: string, { from, to }: PortRange): string[] {
  if (Token.isUnresolved(from) || Token.isUnresolved(to)) {
    return [];
  }
  const said = from === to ? String(from) : `${from} to ${to}`;
  if (from > to) {
    return [`\`${name}\` is ${said}; the first port may not be above the last: change them round`];
  }
  if (!mayServe(from) || !mayServe(to)) {
    return [`\`${name}\` is ${said}; ${ALLOWED}: choose some of them`];
  }
  return from < RESERVED_SERVER_PORT && RESERVED_SERVER_PORT < to
    ? [
        `\`${name}\` is ${said}; ${ALLOWED}: make two of it, ${from} to ${RESERVED_SERVER_PORT - 1} and ${RESERVED_SERVER_PORT + 1} to ${to}`,
      ]
    : [];
}

function overlapProblems(ports: readonly PortRange[]): string[] {
  const known = ports.filter(({ from, to }) => !Token.isUnresolved(from) && !Token.isUnresolved(to));
  const sorted = [...known].sort((one, other) => one.from - other.from);
  return sorted.slice(1).flatMap((range, index) => {
    const before = sorted[index] as PortRange;
    return range.from <= before.to
      ? [
          `\`allowedPorts\` has ${range.from} twice, in ${before.from} to ${before.to} and in ${range.from} to ${range.to}; ports that do not overlap are allowed: take it out of one`,
        ]
      : [];
  });
}

function warmupProblems(warmup: NonNullable<ServingProps['warmup']>, { port, path }: ServingProps): string[] {
  const serverPort = port ?? DEFAULT_MCP_PORT;
  const hookPort = warmup.port ?? serverPort;
  const taken = hookPort === serverPort ? [path ?? DEFAULT_MCP_PATH, HEALTH_PATH] : [];
  const problems: string[] = [];
  if (!Token.isUnresolved(warmup.path) && (!HOOK_PATH.test(warmup.path) || taken.includes(warmup.path))) {
    problems.push(
      `\`warmup.path\` is ${shown(warmup.path)}; a slash, then letters, digits and -._~/ are allowed, 32 characters at most, and neither the path of MCP nor ${HEALTH_PATH}: give one such as "/warmup"`,
    );
  }
  if (warmup.port !== undefined && !mayServe(warmup.port)) {
    problems.push(`\`warmup.port\` is ${warmup.port}; ${ALLOWED}: leave it out to use the port of the server`);
  }
  return problems;
}

function mayServe(port: number): boolean {
  return (
    Token.isUnresolved(port) ||
    (Number.isInteger(port) &&
      port >= LOWEST_SERVER_PORT &&
      port <= HIGHEST_SERVER_PORT &&
      port !== RESERVED_SERVER_PORT)
  );
}

function shown(text: string): string {
  return text.length > 100 ? `a string of ${text.length} characters` : JSON.stringify(text);
}
