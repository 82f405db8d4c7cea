import { Option, type Command } from 'commander';
import { HOST_NAMES, INSTALL_SCOPES, PROXIES, type HostName, type InstallInvocation } from './invocation';
import { addOption, oneOf, serverUrl, usageError, type ReadValue } from './option-values';
import { addJsonOption, isJson } from './shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from './target-options';

/** What all hosts take as the name of a server. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

interface InstallOptions {
  readonly name?: string;
  readonly scope?: InstallInvocation['scope'];
  readonly through?: InstallInvocation['through'];
  readonly serverMetadataUrl?: string;
  readonly print?: true;
  readonly uninstall?: true;
  readonly clientId?: string;
  readonly clientCredentials?: true;
  readonly oauth?: true;
}

/** Describes `install`. */
export function addInstall(command: Command, take: (invocation: InstallInvocation) => void): void {
  command
    .argument('[HOST...]')
    .usage(
      'HOST --url URL|--arn ARN|--target TARGET [AUTH] [--name N] [--scope SCOPE] [--print | --uninstall] [--json]',
    )
    .description('Tell an MCP host of a server: Claude Code, VS Code, Kiro, Cursor and others.')
    .addHelpText(
      'after',
      `
HOST is ${HOST_NAMES.join(', ')}.

Writes the host's own file: what else is in it stays, comments too, and what it said before is kept beside it. A second
run changes nothing. Secrets are never written, only the names of the variables that have them.

A server that takes tokens is reached by the host itself, where the host can; the client id, the callback port and the
scopes are those of the flags, else of the outputs that the stack has beside the one in --target. Any other deployed
server is reached through \`stateful-mcp proxy\`, which signs (SigV4).

${AUTHENTICATING}

Exit code: 0, 1 when it failed, 2 when the command line was wrong.`,
    );
  addTargetOptions(command, '--oauth-scope');
  addOption(command, new Option('--name <N>', 'Name of the server in the host. Default: made from the target.'), name);
  const scope = 'For whom: `user` (default), or `project`: a file of this directory, for all who work on it.';
  addOption(command, new Option('--scope <SCOPE>', scope), oneOf(INSTALL_SCOPES));
  const through = `The program in between: ${PROXIES.join(' or ')}. Default: none where the host does without.`;
  addOption(command, new Option('--through <PROGRAM>', through), oneOf(PROXIES));
  const metadata = 'Metadata of the authorization server, for Claude Code. Default: those of the stack.';
  addOption(command, new Option('--server-metadata-url <URL>', metadata), serverUrl);
  command.option('--print', 'Print what the file would get, and write nothing.');
  command.option('--uninstall', 'Take the server out again.');
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    take(invocationOf(command, words));
  });
}

function invocationOf(command: Command, words: readonly string[]): InstallInvocation {
  const host = hostOf(command, words);
  const options = command.opts<InstallOptions>();
  const target = targetFlags(command, options.clientId === undefined ? undefined : 'oauth');
  if (options.print && options.uninstall) {
    throw usageError(command, '`--print` and `--uninstall` exclude each other', 'pass one of them');
  }
  if (target === undefined && !(options.uninstall && options.name !== undefined)) {
    throw usageError(
      command,
      '`install` needs `--url URL`, `--arn ARN` or `--target stack:STACK/OUTPUT`',
      `for example: stateful-mcp install ${host} --target stack:Expenses/ServerUrl`,
    );
  }
  const signed = target?.auth.by === 'default' || target?.auth.by === 'sigv4';
  if (options.through === 'mcp-proxy-for-aws' && target !== undefined && !signed) {
    throw usageError(
      command,
      '`--through mcp-proxy-for-aws` signs (SigV4) and sends no tokens',
      'leave out one of them',
    );
  }
  if (options.serverMetadataUrl !== undefined && target?.auth.by !== 'oauth') {
    throw usageError(command, '`--server-metadata-url` goes with `--oauth` or `--client-id`', 'pass it as well');
  }
  return {
    command: 'install',
    host,
    target,
    name: options.name,
    scope: options.scope ?? 'user',
    through: options.through,
    serverMetadataUrl: options.serverMetadataUrl,
    action: options.uninstall ? 'uninstall' : options.print ? 'print' : 'write',
    json: isJson(command),
  };
}

function hostOf(command: Command, [named, ...more]: readonly string[]): HostName {
  const hosts = `one of ${HOST_NAMES.join(', ')}`;
  if (named === undefined) {
    throw usageError(command, '`install` needs a host', hosts);
  }
  if (more.length > 0) {
    throw usageError(command, `\`install\` takes one host, got \`${more.join(' ')}\` as well`);
  }
  const host = HOST_NAMES.find(candidate => candidate === named);
  if (host === undefined) {
    throw usageError(command, `there is no host \`${named}\``, `pass ${hosts}`);
  }
  return host;
}

const name: ReadValue<string> = (text, command, { long }) => {
  if (!NAME.test(text)) {
    throw usageError(
      command,
      `\`${long}\` is \`${text}\``,
      'pass up to 64 letters, digits, `-` and `_`, from a letter or digit on',
    );
  }
  return text;
};
