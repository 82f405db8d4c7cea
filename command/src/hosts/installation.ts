import { platformRegion } from 'stateful-mcp-contract';
import { resolveTarget, stackOutput, type Endpoint } from 'stateful-mcp-client';
import type { AuthChoice, InstallInvocation, TargetFlags } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';
import { publishedOAuth } from './connection-outputs';
import type { Host } from './host';
import { signingProxy, tokenProxy } from './proxies';
import type { HttpEntry, OAuthEntry, ServerEntry } from './server-entry';

/** A server as it is told to a host. */
export interface Installation {
  readonly name: string;
  readonly entry: ServerEntry;
  /** Why there is a program in between that nobody asked for: the end of a sentence about the host. */
  readonly because?: string;
}

type Named = InstallInvocation & { readonly target: TargetFlags };

/**
 * Finds out how a host reaches a server: by itself, or through which program.
 *
 * @throws CommandError when it cannot without a secret in its file
 */
export async function planInstallation(invocation: Named, host: Host): Promise<Installation> {
  const { target, through, serverMetadataUrl } = invocation;
  const located = await locate(target);
  const { endpoint, published } = located;
  const name = invocation.name ?? nameOf(endpoint);
  const auth = authOf(target, located);
  if (through === 'mcp-proxy-for-aws' || auth.by === 'sigv4') {
    const entry = signingProxy(located.target, endpoint, withProfile(auth, invocation.scope), through);
    return { name, entry, because: through === undefined ? 'does not sign requests (SigV4)' : undefined };
  }
  const entry = httpEntry(endpoint.url, auth, published, serverMetadataUrl);
  const because = through === undefined ? (needsProxy(auth) ?? host.lacks(entry)) : undefined;
  if (through === undefined && because === undefined) {
    return { name, entry };
  }
  const between = tokenProxy(located.target, auth, entry.oauth);
  if (between.variables.length > 0 && !host.passesSecrets) {
    throw new CommandError(
      `${host.title} hands no variables on, and \`${between.variables.join('`, `')}\` would have to be written down: let people sign in ` +
        'by `--oauth`, or take a host that asks for secrets (vscode, goose)',
      EXIT.usage,
    );
  }
  return { name, entry: between, because };
}

interface Located {
  readonly endpoint: Endpoint;
  /** What a stack says of how people sign in. */
  readonly published?: OAuthEntry;
  /** The target without a stack: programs start faster, and need no right to look at the stack. */
  readonly target: TargetFlags;
}

async function locate(target: TargetFlags): Promise<Located> {
  const { address, qualifier, region } = target;
  if (!address.startsWith('stack:')) {
    return { endpoint: await resolveTarget(address, { qualifier }), target };
  }
  const found = await stackOutput(address, { region });
  const isUrl = /^https?:/.test(found.value);
  if (!isUrl && !found.value.startsWith('arn:')) {
    throw new CommandError(
      `the output ${address} is "${found.value}", which is neither a URL nor the ARN of a runtime: name another output`,
    );
  }
  const endpoint = await resolveTarget(found.value, { qualifier });
  return {
    endpoint,
    published: await publishedOAuth(endpoint.url, found),
    target: { ...target, address: found.value, region: undefined },
  };
}

/** By the flags, else by what the stack says, else by SigV4 where AgentCore is called. */
function authOf({ auth }: TargetFlags, { endpoint, published, target }: Located): AuthChoice {
  if (auth.by === 'oauth') {
    return { ...auth, clientId: auth.clientId ?? published?.clientId };
  }
  if (auth.by !== 'default') {
    return auth;
  }
  if (published !== undefined) {
    const { clientId, callbackPort, scopes } = published;
    return { by: 'oauth', clientId, callbackPort, scopes, browser: true };
  }
  const isSigned = target.address.startsWith('arn:') || platformRegion(endpoint.url.hostname) !== undefined;
  return isSigned ? { by: 'sigv4' } : auth;
}

/** Hosts hand on little of the environment: the profile of this shell, which is for this user, goes along by its name. */
function withProfile(auth: AuthChoice, scope: InstallInvocation['scope']): AuthChoice {
  const profile = scope === 'user' ? process.env.AWS_PROFILE || undefined : undefined;
  return auth.by === 'sigv4' ? { ...auth, profile: auth.profile ?? profile } : auth;
}

function httpEntry(
  { href: url }: URL,
  auth: AuthChoice,
  published: OAuthEntry | undefined,
  serverMetadataUrl: string | undefined,
): HttpEntry {
  if (auth.by === 'bearer' && auth.from !== 'stdin') {
    return { by: 'http', url, tokenVariable: auth.from.variable };
  }
  if (auth.by !== 'oauth') {
    return { by: 'http', url };
  }
  const oauth: OAuthEntry = {
    clientId: auth.clientId,
    callbackPort: auth.callbackPort ?? published?.callbackPort,
    serverMetadataUrl: serverMetadataUrl ?? published?.serverMetadataUrl,
    scopes: auth.scopes.length > 0 ? auth.scopes : (published?.scopes ?? []),
  };
  return { by: 'http', url, oauth };
}

/** What no host does by itself, or not without a secret in its file. */
function needsProxy(auth: AuthChoice): string | undefined {
  if (auth.by === 'client-credentials') {
    return 'signs in people, no programs';
  }
  if (auth.by === 'oauth' && auth.clientSecret !== undefined) {
    return 'would have the secret of the client in its file';
  }
  return auth.by === 'oauth' && auth.metadataUrl !== undefined ? 'has a client id of its own' : undefined;
}

/** The name of the runtime, or that of the machine. */
function nameOf({ url, runtime }: Endpoint): string {
  const known = runtime && /([A-Za-z][A-Za-z0-9_]*)-[A-Za-z0-9]+$/.exec(runtime.runtime)?.[1];
  const text = known ?? (/^[\d.:[\]]+$/.test(url.hostname) ? 'local' : url.hostname);
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}
