import { Option, type Command } from 'commander';
import { addAuthOptions, authChoice, type AuthWay } from './auth-options';
import type { TargetFlags } from './invocation';
import { addOption, anyText, serverUrl, usageError, type ReadValue } from './option-values';

/** How a server is named and who calls it, for the help of the commands that reach one. */
export const AUTHENTICATING = `The server is a URL, the ARN of a runtime, or stack:STACK/OUTPUT, an output that has one of these. What AgentCore
itself serves is called with SigV4 and the standard AWS credentials, unless AUTH says otherwise: --bearer, --oauth,
--client-credentials. Secrets are read from environment variables or standard input, never from the command line.`;

const NAMES = ['url', 'arn', 'target'] as const;

/** Options that name a server which runs already, and those that show it who calls. */
export function addTargetOptions(command: Command, scopeFlag?: Parameters<typeof addAuthOptions>[1]): void {
  addTargetNames(command);
  addQualifierOption(command);
  addAuthOptions(command, scopeFlag);
}

/** The options that name a server. */
export function addTargetNames(command: Command): void {
  addOption(command, new Option('--url <URL>', 'The server, for example http://127.0.0.1:8000/mcp.'), serverUrl);
  addOption(command, new Option('--arn <ARN>', 'The runtime on AgentCore, or an endpoint of it.'), runtimeArn);
  addOption(command, new Option('--target <TARGET>', 'stack:STACK/OUTPUT; a URL or an ARN, too.'), address);
}

/** Options of the commands whose argument is the server. */
export function addQualifierOption(command: Command): void {
  addOption(command, new Option('--qualifier <NAME>', 'Endpoint of the runtime. Default: DEFAULT.'), anyText);
}

/** The server that the argument of a command names. */
export function targetOf(command: Command, [named, ...more]: readonly string[]): Omit<TargetFlags, 'auth'> {
  if (named === undefined) {
    throw usageError(
      command,
      `\`${command.name()}\` needs a server`,
      'a URL, the ARN of a runtime, or stack:STACK/OUTPUT',
    );
  }
  if (more.length > 0) {
    throw usageError(command, `\`${command.name()}\` takes one server, got \`${more.join(' ')}\` as well`);
  }
  const { qualifier, region } = command.opts<{ qualifier?: string; region?: string }>();
  const text = address(named, command, { long: 'TARGET' });
  if (qualifier !== undefined && /^https?:/i.test(text)) {
    throw usageError(command, '`--qualifier` goes with an ARN', 'a URL has it as its query parameter `qualifier`');
  }
  return { address: text, qualifier, region: text.startsWith('stack:') ? region : undefined };
}

/**
 * The server that was named and how it is called; `undefined` when none was, and nothing that belongs to one.
 *
 * @param implied - how people sign in where no flag says it
 */
export function targetFlags(command: Command, implied?: AuthWay): TargetFlags | undefined {
  const address = namedAddress(command);
  const auth = authChoice(command, address !== undefined && !address.startsWith('stack:'), implied);
  if (address === undefined && auth.by !== 'default') {
    throw onlyForRunning(command, 'how to sign in');
  }
  const named = namedTarget(command);
  return named && { ...named, auth };
}

/** The server that was named, whoever calls it; `undefined` when none was, and nothing that belongs to one. */
export function namedTarget(command: Command): Omit<TargetFlags, 'auth'> | undefined {
  const address = namedAddress(command);
  const { qualifier, region } = command.opts<{ qualifier?: string; region?: string }>();
  if (address === undefined) {
    const stray = qualifier !== undefined ? 'qualifier' : region !== undefined ? 'region' : undefined;
    if (stray !== undefined) {
      throw onlyForRunning(command, `\`--${stray}\``);
    }
    return undefined;
  }
  if (qualifier !== undefined && /^https?:/i.test(address)) {
    throw usageError(command, '`--qualifier` goes with an ARN', 'a URL has it as its query parameter `qualifier`');
  }
  return { address, qualifier, region: address.startsWith('stack:') ? region : undefined };
}

function namedAddress(command: Command): string | undefined {
  const options = command.opts<Partial<Record<(typeof NAMES)[number], string>>>();
  const named = NAMES.filter(name => options[name] !== undefined);
  if (named.length > 1) {
    throw usageError(
      command,
      `${named.map(one => `\`--${one}\``).join(' and ')} exclude each other`,
      'name one server',
    );
  }
  return named[0] && options[named[0]];
}

export function onlyForRunning(command: Command, what: string): Error {
  return usageError(command, `${what} is for a server that runs already`, 'name it by `--url`, `--arn` or `--target`');
}

const runtimeArn: ReadValue<string> = (text, command, { long }) => {
  if (!text.startsWith('arn:')) {
    throw usageError(command, `\`${long}\` is \`${text}\``, 'pass the ARN of a runtime: arn:aws:bedrock-agentcore:…');
  }
  return text;
};

/** What a server is named by where all forms are taken. */
const address: ReadValue<string> = (text, command, option) => {
  if (text.startsWith('arn:') || text.startsWith('stack:')) {
    return text;
  }
  if (/^https?:/i.test(text)) {
    return serverUrl(text, command, option);
  }
  throw usageError(
    command,
    `\`${option.long ?? 'TARGET'}\` is \`${text}\``,
    'pass a URL, the ARN of a runtime, or stack:STACK/OUTPUT',
  );
};
