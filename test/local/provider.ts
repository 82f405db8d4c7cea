import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A real OpenID provider of `fixtures` in a process of its own, on loopback.
 *
 * @param scopes - what the one in Cognito's shape gives, instead of its own
 */
export async function startProvider(
  fixture: 'oidc-provider' | 'cognito-provider',
  ...scopes: string[]
): Promise<{ issuer: string; end: () => void; takeDownOrUp: () => void }> {
  const provider = spawn(process.execPath, [path.join(__dirname, 'fixtures', `${fixture}.mjs`), ...scopes], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: provider.stdout })) {
    if (line.startsWith('http')) {
      return { issuer: line, end: () => provider.kill(), takeDownOrUp: () => provider.kill('SIGUSR2') };
    }
  }
  throw new Error(`the ${fixture} ended before it listened`);
}
