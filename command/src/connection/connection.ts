import type { Auth, ConnectRequest, OAuth } from 'stateful-mcp-client';
import type { AuthChoice, SecretSource, TargetFlags } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';

/** How a server is reached: what `connect()` and `createTransport()` take of it. */
export type Connection = Pick<ConnectRequest, 'target' | 'qualifier' | 'region' | 'auth' | 'sessions' | 'sessionName'>;

/** Name by which the command introduces itself to authorization servers. */
const CLIENT_NAME = 'stateful-mcp';

/**
 * Reads the secrets that were pointed to.
 *
 * @param interactive - whether somebody is there who can sign in
 */
export async function connectionTo(
  { address, qualifier, region, auth }: TargetFlags,
  { interactive }: { readonly interactive: boolean },
): Promise<Connection> {
  const chosen = await authOf(auth, interactive);
  return {
    target: address,
    ...(qualifier !== undefined && { qualifier }),
    ...(region !== undefined && { region }),
    ...(chosen !== undefined && { auth: chosen }),
  };
}

/** How requests show who sends them, as `connect()` takes it. */
export async function authOf(choice: AuthChoice, interactive: boolean): Promise<Auth | undefined> {
  switch (choice.by) {
    case 'default':
      return undefined;
    case 'sigv4': {
      const { sigV4 } = await import('stateful-mcp-client');
      return sigV4({ profile: choice.profile, region: choice.region });
    }
    case 'bearer': {
      const { bearer } = await import('stateful-mcp-client');
      return bearer(await secret(choice.from, '--bearer'));
    }
    case 'oauth':
    case 'client-credentials':
      return oauthOf(choice, { interactive });
  }
}

/** The part of a choice that is OAuth, which can be asked to sign in without a call. */
export async function oauthOf(
  choice: Extract<AuthChoice, { by: 'oauth' | 'client-credentials' }>,
  person: { readonly interactive: boolean; readonly readRedirect?: (signal: AbortSignal) => Promise<string> },
): Promise<OAuth> {
  const { clientCredentials, oauth } = await import('stateful-mcp-client');
  const scopes = [...choice.scopes];
  if (choice.by === 'client-credentials') {
    const clientSecret = await secret(choice.clientSecret, '--client-secret');
    return clientCredentials({ clientId: choice.clientId, clientSecret, scopes });
  }
  const { clientId, clientSecret, metadataUrl, callbackPort, browser } = choice;
  return oauth({
    clientName: CLIENT_NAME,
    clientId,
    clientSecret: clientSecret && (await secret(clientSecret, '--client-secret')),
    clientMetadataUrl: metadataUrl,
    callbackPort,
    scopes,
    ...person,
    ...(!browser && { openBrowser: false }),
  });
}

/** What was given as the place of a secret is not repeated: some pass the secret itself by mistake. */
async function secret(source: SecretSource, flag: string): Promise<string> {
  if (source === 'stdin') {
    if (process.stdin.isTTY) {
      throw new CommandError(`\`${flag} -\` reads standard input, which is a terminal: pipe the token in`, EXIT.usage);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) {
      chunks.push(Buffer.from(chunk as Uint8Array));
    }
    return found(Buffer.concat(chunks).toString('utf8'), `\`${flag} -\`: standard input is empty: pipe the token in`);
  }
  return found(
    process.env[source.variable] ?? '',
    `\`${flag}\` names an environment variable that is empty or not set: set it to the secret` +
      (flag === '--client-secret' ? ' (MCP_CLIENT_SECRET where no other is named)' : ''),
  );
}

function found(text: string, otherwise: string): string {
  const trimmed = text.trim();
  if (trimmed === '') {
    throw new CommandError(otherwise, EXIT.usage);
  }
  return trimmed;
}
