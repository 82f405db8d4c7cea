import { version } from '../../package.json';
import type { Endpoint } from 'stateful-mcp-client';
import type { AuthChoice, InstallInvocation, TargetFlags } from '../command-line/invocation';
import { CommandError } from '../common/command-error';
import type { OAuthEntry, StdioEntry } from './server-entry';

/** What AWS calls the program, without its dependencies that only a library needs. */
const PROXY_FOR_AWS = 'mcp-proxy-for-aws-cli@latest';

/** A program that signs what a host sends. */
export function signingProxy(
  target: TargetFlags,
  { url, runtime }: Endpoint,
  auth: AuthChoice,
  through: InstallInvocation['through'],
): StdioEntry {
  const { profile, region } = auth.by === 'sigv4' ? auth : {};
  if (through !== 'mcp-proxy-for-aws') {
    const flags = [...option('--profile', profile), ...option('--region', region)];
    const isDefault = flags.length === 0 && target.auth.by === 'default';
    return ourProxy(target, isDefault ? [] : ['--sigv4', ...flags], []);
  }
  const signedRegion = region ?? runtime?.region;
  if (signedRegion === undefined) {
    throw new CommandError(`the region of ${url.href} is not known: pass \`--sigv4 --region REGION\``);
  }
  const args = [PROXY_FOR_AWS, url.href, '--service', 'bedrock-agentcore', '--region', signedRegion];
  return { by: 'stdio', command: 'uvx', args: [...args, ...option('--profile', profile)], variables: [] };
}

/** A program that signs in for a host, or sends the token of a variable. */
export function tokenProxy(target: TargetFlags, auth: AuthChoice, oauth: OAuthEntry | undefined): StdioEntry {
  if (auth.by === 'bearer') {
    const variables = auth.from === 'stdin' ? [] : [auth.from.variable];
    return ourProxy(target, ['--bearer', ...variables], variables);
  }
  if (auth.by !== 'oauth' && auth.by !== 'client-credentials') {
    return ourProxy(target, [], []);
  }
  const secret = auth.clientSecret === undefined || auth.clientSecret === 'stdin' ? [] : [auth.clientSecret.variable];
  const flags = [
    auth.by === 'oauth' ? '--oauth' : '--client-credentials',
    ...option('--client-id', auth.clientId),
    ...secret.flatMap(variable => option('--client-secret', variable)),
    ...(oauth?.scopes ?? auth.scopes).flatMap(scope => option('--scope', scope)),
    ...(auth.by === 'oauth' ? option('--metadata-url', auth.metadataUrl) : []),
    ...option('--callback-port', oauth?.callbackPort?.toString()),
  ];
  return ourProxy(target, flags, secret);
}

/** This command, in this version. */
function ourProxy(
  { address, qualifier }: TargetFlags,
  flags: readonly string[],
  variables: readonly string[],
): StdioEntry {
  const args = ['-y', `stateful-mcp@${version}`, 'proxy', address, ...option('--qualifier', qualifier), ...flags];
  // Windows starts what is no program, such as npx, by its command interpreter alone.
  return process.platform === 'win32'
    ? { by: 'stdio', command: 'cmd', args: ['/c', 'npx', ...args], variables }
    : { by: 'stdio', command: 'npx', args, variables };
}

function option(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [flag, value];
}
