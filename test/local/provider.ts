import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A real OpenID provider of `fixtures` in a process of its own, on loopback. */
export async function startProvider(
  fixture: 'oidc-provider' | 'cognito-provider',
): Promise<{ issuer: string; end: () => void; takeDownOrUp: () => void }> {
  const provider = spawn(process.execPath, [path.join(__dirname, 'fixtures', `${fixture}.mjs`)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: provider.stdout })) {
    if (line.startsWith('http')) {
      return { issuer: line, end: () => provider.kill(), takeDownOrUp: () => provider.kill('SIGUSR2') };
    }
  }
  throw new Error(`the ${fixture} ended before it listened`);
}
