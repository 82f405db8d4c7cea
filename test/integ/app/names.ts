/** Names of what the program makes begin so: leftovers are found by it, and by the tag. */
export const PREFIX = 'stateful_mcp_integ';

/** On every stack and every runtime, with the time of the run. */
export const TAG = 'stateful-mcp-integ';

/** Stacks, each deployed by itself, so that one which AWS refuses takes no other with it. */
export const STACKS = {
  /** The sample and two probes, for callers who sign. */
  core: 'StatefulMcpIntegCore',
  /** The sample as an image, and what an image finds. */
  image: 'StatefulMcpIntegImage',
  /** The sample for callers with a token. */
  tokens: 'StatefulMcpIntegTokens',
  /** A probe on platform version V2. */
  snapshot: 'StatefulMcpIntegSnapshot',
  /** Port, path and ports of a session, which the reference of CloudFormation does not have. */
  members: 'StatefulMcpIntegMembers',
  /** A mounted bucket, which it does not have either. */
  mount: 'StatefulMcpIntegMount',
} as const;

export type StackKind = keyof typeof STACKS;

/** The servers and the stack of each. */
export const SERVERS = {
  sample: 'core',
  probe: 'core',
  obedient: 'core',
  brief: 'core',
  sampleImage: 'image',
  probeImage: 'image',
  sampleTokens: 'tokens',
  snapshot: 'snapshot',
  members: 'members',
  mount: 'mount',
} as const satisfies Readonly<Record<string, StackKind>>;

export type ServerKind = keyof typeof SERVERS;

/** Of the runtime of a server; the role of a runtime lets those begin with the same name, too. */
export function runtimeName(kind: ServerKind): string {
  return `${PREFIX}_${kind.toLowerCase()}`;
}

/** Output of a stack that says the ARN of a server. */
export function arnOutput(kind: ServerKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Arn`;
}

/** Seconds that an idle session of a probe lives: the least that AgentCore allows. */
export const IDLE_SECONDS = 60;
