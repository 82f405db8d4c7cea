import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import { StatefulMcpClientError } from 'stateful-mcp-client';
import type { TargetFlags } from '../command-line/invocation';
import { CommandError } from '../common/command-error';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const PLATFORM_PATH = /^\/runtimes\/[^/]+\/invocations/;

/**
 * Gives advice in the words of this command, where that of the client is for programs, and does not help at a command
 * line.
 */
export function explainedError(error: unknown, target: TargetFlags): unknown {
  if (!(error instanceof StatefulMcpClientError)) {
    return error;
  }
  if (error.code === 'ERR_SIGN_IN_REQUIRED') {
    return new CommandError(
      `somebody has to sign in to ${target.address} (${error.code}): run \`${loginCommand(target, error.data)}\`, then try again`,
      undefined,
      { cause: error },
    );
  }
  const refused = error.httpStatus === 403 || error.jsonRpcCode === PLATFORM_ERROR_CODES.accessDenied;
  if (refused && target.auth.by === 'default' && isLocalRuntime(target.address)) {
    const { origin } = new URL(target.address);
    return new CommandError(
      'this URL of the local runtime wants a signature (SigV4), and none is sent there by itself: pass `--sigv4` with the keys ' +
        `that \`dev\` shows, call the URL that ends in /mcp (${origin}/mcp where one server runs), or start it by \`dev --auth off\``,
      undefined,
      { cause: error },
    );
  }
  return error;
}

/** The same where the command itself is the client, which speaks no protocol version without sessions. */
export function explainedVersion(error: unknown): unknown {
  return error instanceof StatefulMcpClientError && error.code === 'ERR_PROTOCOL_VERSION'
    ? new CommandError(
        `the server has no protocol version up to 2025-11-25, which are those with sessions and what this command speaks (${error.code}): ` +
          'call it from a host that speaks 2026-07-28, or by `stateful-mcp check` with `"eras": ["modern"]` in the file',
        undefined,
        { cause: error },
      )
    : error;
}

/** What signs in for a target, with the flags that tell its tokens from others. */
function loginCommand({ address, qualifier, region, auth }: TargetFlags, data: unknown): string {
  const oauth = auth.by === 'oauth' ? auth : undefined;
  return [
    'stateful-mcp login',
    address.includes('&') ? `'${address}'` : address,
    ...(qualifier === undefined ? [] : ['--qualifier', qualifier]),
    ...(region === undefined ? [] : ['--region', region]),
    ...(oauth?.clientId === undefined ? [] : ['--client-id', oauth.clientId]),
    ...(oauth?.metadataUrl === undefined ? [] : ['--metadata-url', oauth.metadataUrl]),
    ...scopesIn(data).flatMap(scope => ['--scope', scope]),
  ].join(' ');
}

/** Those that the tokens lack. */
function scopesIn(data: unknown): string[] {
  const { scope } = (data ?? {}) as { scope?: unknown };
  return typeof scope === 'string' ? scope.split(' ') : [];
}

function isLocalRuntime(address: string): boolean {
  if (!URL.canParse(address)) {
    return false;
  }
  const { hostname, pathname } = new URL(address);
  return LOOPBACK.test(hostname) && PLATFORM_PATH.test(pathname);
}
