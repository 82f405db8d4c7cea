import { withoutByteOrderMark } from '../program/json-files';
import { contentsOf, type ProgramFile } from '../program/program-files';

/** The module of `stateful-mcp-fastmcp` that answers the warm-up hook. A version without it is not the whole kit. */
const KIT_MODULE = 'stateful_mcp_fastmcp/warm_up.py';

/**
 * The kit for FastMCP serves, which answers health checks and hooks. Whoever takes only its tools from it
 * (`interactive`) serves by FastMCP itself, where `/warmup` is 404.
 */
const SERVES =
  /^[ \t]*from[ \t]+stateful_mcp_fastmcp(?:\.serve)?[ \t]+import[ \t]*(?:\([^)]*?\bserve\b|[^\n#(]*?\bserve\b|\*[^]*^[^#\n]*(?<![\w.])serve[ \t]*\()|^[^#\n]*\bstateful_mcp_fastmcp(?:\.serve)?\.serve[ \t]*\(/m;

/** The kit by a name of its own. */
const ALIAS = /^[ \t]*import[ \t]+stateful_mcp_fastmcp(?:\.serve)?[ \t]+as[ \t]+(\w+)/m;

/**
 * Whether a Python server is served by the kit for FastMCP, as far as its sources tell, which are there whether it is
 * bundled or not.
 *
 * @param packages - what it depends on, where that is installed
 */
export function servesByFastmcpKit(sources: readonly ProgramFile[], packages?: readonly ProgramFile[]): boolean {
  const isThere = packages === undefined || [...sources, ...packages].some(({ name }) => name === KIT_MODULE);
  return isThere && sources.some(file => file.name.endsWith('.py') && serves(textOf(file)));
}

function serves(source: string): boolean {
  const alias = ALIAS.exec(source)?.[1];
  return (
    SERVES.test(source) ||
    (alias !== undefined && new RegExp(`^[^#\\n]*\\b${alias}\\.serve[ \\t]*\\(`, 'm').test(source))
  );
}

/** Without a byte order mark, and with each statement on one line. */
function textOf(file: ProgramFile): string {
  const text = Buffer.from(contentsOf(file)).toString();
  return withoutByteOrderMark(text).replaceAll(/\\\r?\n/g, ' ');
}
