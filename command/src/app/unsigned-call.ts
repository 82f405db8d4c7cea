import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import { StatefulMcpClientError } from 'stateful-mcp-client';
import { CommandError } from '../common/command-error';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const PLATFORM_PATH = /^\/runtimes\/[^/]+\/invocations/;

/**
 * The local runtime refuses like AgentCore, whose advice (permissions) does not help at a laptop: this command does not
 * sign what it sends there.
 */
export function explainUnsigned(error: unknown, url: string): unknown {
  if (
    !(error instanceof StatefulMcpClientError) ||
    (error.httpStatus !== 403 && error.jsonRpcCode !== PLATFORM_ERROR_CODES.accessDenied)
  ) {
    return error;
  }
  const { hostname, pathname, origin } = new URL(url);
  if (!LOOPBACK.test(hostname) || !PLATFORM_PATH.test(pathname)) {
    return error;
  }
  return new CommandError(
    `this URL of the local runtime wants a signature (SigV4), and \`call\` sends none there: call the URL that ends in /mcp (${origin}/mcp where one server runs), ` +
      'or start it by `dev --auth off`',
    undefined,
    { cause: error },
  );
}
