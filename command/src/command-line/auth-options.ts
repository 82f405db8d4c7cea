import { Option, type Command } from 'commander';
import type { AuthChoice, SecretSource } from './invocation';
import { addOption, addRepeatedOption, anyText, port, serverUrl, usageError, type ReadValue } from './option-values';

/** Has the secret of an OAuth client where no other variable is named. */
const SECRET_VARIABLE = 'MCP_CLIENT_SECRET';

interface AuthOptions {
  readonly sigv4?: true;
  readonly profile?: string;
  readonly region?: string;
  readonly bearer?: SecretSource;
  readonly oauth?: true;
  readonly clientCredentials?: true;
  readonly clientId?: string;
  readonly clientSecret?: SecretSource;
  readonly scope?: readonly string[];
  readonly metadataUrl?: string;
  readonly callbackPort?: number;
  readonly browser: boolean;
}

/** Name of the flag of each option, for errors. */
const FLAGS: Readonly<Record<keyof AuthOptions, string>> = {
  sigv4: '--sigv4',
  profile: '--profile',
  region: '--region',
  bearer: '--bearer',
  oauth: '--oauth',
  clientCredentials: '--client-credentials',
  clientId: '--client-id',
  clientSecret: '--client-secret',
  scope: '--scope',
  metadataUrl: '--metadata-url',
  callbackPort: '--callback-port',
  browser: '--no-browser',
};

const WAYS = ['sigv4', 'bearer', 'oauth', 'clientCredentials'] as const;

/** The flag for scopes of tokens; the second where `--scope` says something else. */
type ScopeFlag = '--scope' | '--oauth-scope';

export type AuthWay = (typeof WAYS)[number];

/** What goes with one way alone. */
const BELONGS: readonly (readonly [option: keyof AuthOptions, ways: readonly AuthWay[]])[] = [
  ['profile', ['sigv4']],
  ['clientId', ['oauth', 'clientCredentials']],
  ['clientSecret', ['oauth', 'clientCredentials']],
  ['scope', ['oauth', 'clientCredentials']],
  ['metadataUrl', ['oauth']],
  ['callbackPort', ['oauth']],
];

/** Options of the commands that show a server who they are. */
export function addAuthOptions(command: Command, scopeFlag?: ScopeFlag): void {
  command.option(
    '--sigv4',
    'Sign requests (SigV4) though it is no URL of AgentCore: a local runtime, a proxy of yours.',
  );
  addOption(command, new Option('--profile <NAME>', 'AWS profile to sign by. Default: the standard chain.'), anyText);
  addOption(command, new Option('--region <REGION>', 'Region of the stack, or of the signature.'), anyText);
  const token = 'Send the token that this environment variable has; `-`: that standard input has.';
  addOption(command, new Option('--bearer <VARIABLE>', token), secretSource);
  addOAuthOptions(command, scopeFlag);
  command.option('--client-credentials', 'Get tokens as a program, with --client-id and a secret.');
}

/** Options of the commands for people who sign in. */
export function addOAuthOptions(command: Command, scopeFlag: ScopeFlag = '--scope'): void {
  const secret = `Environment variable with its secret. Default with --client-credentials: ${SECRET_VARIABLE}.`;
  command.option('--oauth', 'Sign in as a person, in the browser; tokens are kept.');
  addOption(command, new Option('--client-id <ID>', 'OAuth client that is registered already.'), anyText);
  addOption(command, new Option('--client-secret <VARIABLE>', secret), variable);
  addRepeatedOption(command, new Option(`${scopeFlag} <SCOPE>`, 'Scope to ask for. May be repeated.'), anyText);
  addOption(command, new Option('--metadata-url <URL>', 'Client id metadata document.'), serverUrl);
  addOption(
    command,
    new Option('--callback-port <N>', 'Port that the browser comes back to. Default: a free one.'),
    port,
  );
  command.option('--no-browser', 'Open no browser: `login` shows the page, the others need a `login` before.');
}

/**
 * @param signed - whether a region without a word on how to sign in is that of a signature
 * @param implied - what a command that knows one way alone does
 */
export function authChoice(command: Command, signed: boolean, implied?: AuthWay): AuthChoice {
  const options = optionsOf(command);
  const chosen = WAYS.filter(way => options[way] !== undefined);
  if (chosen.length > 1) {
    const names = chosen.map(way => `\`${FLAGS[way]}\``).join(' and ');
    throw usageError(command, `${names} exclude each other`, 'pass the one that the server takes');
  }
  const way =
    chosen[0] ?? implied ?? (options.profile !== undefined || (signed && options.region) ? 'sigv4' : undefined);
  const [lost, ways] = BELONGS.find(([name, of]) => options[name] !== undefined && (!way || !of.includes(way))) ?? [];
  if (lost !== undefined && ways !== undefined) {
    const flags = ways.map(one => `\`${FLAGS[one]}\``).join(' or ');
    throw usageError(
      command,
      `\`${lost === 'scope' ? scopeFlagOf(command) : FLAGS[lost]}\` goes with ${flags}`,
      'pass it as well',
    );
  }
  if (signed && options.region !== undefined && way !== 'sigv4') {
    throw usageError(command, '`--region` goes with `--sigv4`, or with `--target stack:…`', 'leave it out');
  }
  const { clientId, clientSecret, scope: scopes = [], metadataUrl, callbackPort, browser } = options;
  switch (way) {
    case undefined:
      return { by: 'default' };
    case 'sigv4':
      return { by: 'sigv4', profile: options.profile, region: signed ? options.region : undefined };
    case 'bearer':
      return { by: 'bearer', from: options.bearer ?? 'stdin' };
    case 'oauth':
      if (clientSecret !== undefined && clientId === undefined) {
        throw usageError(command, '`--client-secret` goes with `--client-id`', 'pass both');
      }
      return { by: 'oauth', clientId, clientSecret, scopes, metadataUrl, callbackPort, browser };
    case 'clientCredentials':
      if (clientId === undefined) {
        throw usageError(
          command,
          '`--client-credentials` needs `--client-id ID`',
          `and its secret in ${SECRET_VARIABLE}`,
        );
      }
      return {
        by: 'client-credentials',
        clientId,
        clientSecret: clientSecret ?? { variable: SECRET_VARIABLE },
        scopes,
      };
  }
}

function optionsOf(command: Command): AuthOptions {
  const { scope, oauthScope, ...options } = command.opts<AuthOptions & { oauthScope?: readonly string[] }>();
  return { ...options, scope: scopeFlagOf(command) === '--scope' ? scope : oauthScope };
}

function scopeFlagOf(command: Command): ScopeFlag {
  return command.options.some(({ long }) => long === '--oauth-scope') ? '--oauth-scope' : '--scope';
}

/** What was given is never repeated: it may be the secret itself. */
const variable: ReadValue<SecretSource> = (text, command, { long }) => {
  if (!/^[A-Za-z_]\w*$/.test(text)) {
    throw usageError(
      command,
      `\`${long}\` takes the name of an environment variable, never the secret itself`,
      `for example \`${long} MCP_SECRET\``,
    );
  }
  return { variable: text };
};

const secretSource: ReadValue<SecretSource> = (text, command, option) =>
  text === '-' ? 'stdin' : variable(text, command, option);
