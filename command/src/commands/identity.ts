import { createInterface } from 'node:readline/promises';
import { resolveTarget, type Endpoint, type OAuth, type SignInStatus } from 'stateful-mcp-client';
import type { IdentityInvocation } from '../command-line/invocation';
import { EXIT } from '../common/command-error';
import type { IdentityDocument } from '../common/json-documents';
import { printJson } from '../common/print-json';
import type { Shutdown } from '../common/shutdown';
import { oauthOf } from '../connection/connection';
import { printable } from '../common/printable';
import { durationText } from '../conversation/text-format';

/** Signs a person in to a server, and keeps the tokens. */
export async function login(invocation: IdentityInvocation, shutdown: Shutdown): Promise<number> {
  const { auth, endpoint } = await identityAt(invocation, shutdown);
  show(invocation, endpoint, await shutdown.orEnd(auth.signIn(endpoint, { signal: shutdown.signal })));
  return EXIT.ok;
}

/** Forgets the tokens for a server. */
export async function logout(invocation: IdentityInvocation, shutdown: Shutdown): Promise<number> {
  const { auth, endpoint } = await identityAt(invocation, shutdown);
  await shutdown.orEnd(auth.signOut(endpoint));
  show(invocation, endpoint, undefined);
  return EXIT.ok;
}

/** Shows as whom a person is signed in. */
export async function whoami(invocation: IdentityInvocation, shutdown: Shutdown): Promise<number> {
  const { auth, endpoint } = await identityAt(invocation, shutdown);
  const status = await shutdown.orEnd(auth.status(endpoint));
  show(invocation, endpoint, status);
  return status === undefined ? EXIT.failed : EXIT.ok;
}

async function identityAt(
  { target }: IdentityInvocation,
  shutdown: Shutdown,
): Promise<{ auth: OAuth; endpoint: Endpoint }> {
  const { address, qualifier, region } = target;
  const endpoint = await shutdown.orEnd(resolveTarget(address, { qualifier, region }));
  const readRedirect = process.stdin.isTTY ? readLine : undefined;
  return { auth: await oauthOf(target.auth, { interactive: true, ...(readRedirect && { readRedirect }) }), endpoint };
}

/** For a person whose browser is on another machine. */
async function readLine(signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question('Or enter the address that the browser ended at: ', { signal });
  } finally {
    lines.close();
  }
}

function show({ json }: IdentityInvocation, { url }: Endpoint, status: SignInStatus | undefined): void {
  if (json) {
    printJson(identityDocument(url, status));
    return;
  }
  if (status === undefined) {
    process.stdout.write(`nobody is signed in to ${url.href}\n`);
    return;
  }
  const { issuer, subject, scopes, expiresAt, renewable } = status;
  const lines = [
    `signed in to ${url.href}`,
    `  as       ${subject ?? '(the tokens do not say)'}`,
    `  by       ${issuer}`,
    `  scopes   ${scopes.join(' ') || '(none)'}`,
    `  expires  ${expiryText(expiresAt)}${renewable ? ', renewed by itself' : ''}`,
  ];
  process.stdout.write(`${printable(lines.join('\n'))}\n`);
}

function identityDocument({ href }: URL, status: SignInStatus | undefined): IdentityDocument {
  const { scopes = [], expiresAt, ...known } = status ?? {};
  return {
    server: href,
    signedIn: status !== undefined,
    ...known,
    ...(status && { scopes: [...scopes] }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  };
}

function expiryText(expiresAt: Date | undefined): string {
  if (expiresAt === undefined) {
    return '(the tokens do not say)';
  }
  const left = expiresAt.getTime() - Date.now();
  return left > 0 ? `in ${durationText(left)}` : 'now';
}
