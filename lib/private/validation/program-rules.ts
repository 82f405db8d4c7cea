import { programOf, type Program } from './programs';
import type { Rule } from './rule';
import { membersOf, type Located, type Templates } from './templates';

/** Modules of the SDKs that servers alone use. */
const SERVER_MODULE = /@modelcontextprotocol\/(?:server|sdk\/dist\/(?:esm|cjs)\/server)\//;
const SERVER_IMPORT =
  /@modelcontextprotocol\/(?:server|sdk\/server)|^\s*(?:from|import) (?:mcp\.server|fastmcp)\b|\bFastMCP\(/m;

/** Statements that begin a line are those of a module, wherever code is formatted; in Python that is its grammar. */
const SHARED_RANDOM =
  /^(?:export )?(?:(?:const|let|var) )?[\w$]+(?:: ?[\w<>[\] |]+)? ?= ?(?!.*(?:=>|\bfunction\b|\blambda\b)).*(?:\brandomUUID\(|\brandomBytes\(|\bgetRandomValues\(|\bMath\.random\(|\bnanoid\(|\buuid[14]\(|\bsecrets\.\w+\(|\brandom\.\w+\(|\bos\.urandom\()/m;

/** The name of the protocol, in either form; undefined where it is left out or a token. */
export function protocolOf({ properties: { ProtocolConfiguration: configuration } }: Located): unknown {
  return typeof configuration === 'string' ? configuration : membersOf(configuration).ServerProtocol;
}

/** Whether a runtime serves MCP, or is meant to as far as its program tells. */
export function isMcp(templates: Templates, runtime: Located): boolean {
  const protocol = protocolOf(runtime);
  return (
    protocol === undefined || protocol === 'MCP' || (protocol === 'HTTP' && servesMcp(programOf(templates, runtime)))
  );
}

function servesMcp(program: Program | undefined): boolean {
  return (
    program !== undefined &&
    (program.names.some(name => SERVER_MODULE.test(name)) ||
      program.sources.some(({ text }) => SERVER_IMPORT.test(text)))
  );
}

export const PROGRAM_RULES: readonly Rule[] = [
  {
    id: 'protocolMissing',
    severity: 'error',
    description:
      'a runtime without a protocol, or with HTTP although its program serves MCP: it becomes READY, and every MCP call fails at the health check',
    fix: 'set `ProtocolConfiguration` to `MCP` (`protocolConfiguration: ProtocolType.MCP`), or to `HTTP` where the program does not serve MCP',
    check: (_templates, runtimes) =>
      runtimes
        .filter(runtime => {
          const { ProtocolConfiguration: given } = runtime.properties;
          return given === undefined || protocolOf(runtime) === 'HTTP';
        })
        .map(resource => ({ resource, location: 'Properties/ProtocolConfiguration' })),
  },
  {
    id: 'moduleScopeRandom',
    severity: 'warning',
    description:
      'a module draws a random value when it is loaded, and the runtime is on platform version V2: all microVMs that are restored from one snapshot have the same value',
    fix: 'draw it where it is used, for example when a session begins',
    check: (templates, runtimes) =>
      runtimes
        .filter(
          runtime =>
            runtime.properties.PlatformVersion === 'V2' &&
            programOf(templates, runtime)?.sources.some(({ text }) => SHARED_RANDOM.test(text)) === true,
        )
        .map(resource => ({ resource, location: 'Properties/AgentRuntimeArtifact' })),
  },
];
