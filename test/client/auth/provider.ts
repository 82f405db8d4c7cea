import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A real OpenID provider in a process of its own. */
export interface RunningProvider {
  readonly issuer: string;
  /** What it was asked for: requests, and grants with their parameters. */
  readonly log: string[];
  /** The grants of a type that it gave. */
  grants(type: string): Record<string, string>[];
  /** Waits until all that it was asked for so far is in the log. */
  settled(): Promise<void>;
}

const children: ChildProcess[] = [];

export function closeProviders(): void {
  for (const child of children.splice(0)) {
    child.kill();
  }
}

export async function startProvider(
  settings: { lifetimeSeconds?: number; registration?: boolean } = {},
): Promise<RunningProvider> {
  const child = spawn(process.execPath, [path.join(__dirname, '../fixtures/oidc-provider.mjs')], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, SETTINGS: JSON.stringify(settings) },
  });
  children.push(child);
  const log: string[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const issuer = await new Promise<string>(resolve => {
    lines.on('line', line => {
      log.push(line);
      if (line.startsWith('http')) {
        resolve(line);
      }
    });
  });
  return {
    issuer,
    log,
    grants: type =>
      log
        .filter(line => line.startsWith('grant.success '))
        .map(line => JSON.parse(line.slice('grant.success '.length)) as Record<string, string>)
        .filter(({ grant_type: granted }) => granted === type),
    async settled() {
      const mark = `/settled/${randomUUID()}`;
      const seen = new Promise<void>(resolve => {
        lines.on('line', line => {
          if (line.includes(mark)) {
            resolve();
          }
        });
      });
      await (await fetch(`${issuer}${mark}`)).arrayBuffer();
      await seen;
    },
  };
}

/**
 * Signs in as a browser does that has no screen: follows redirects, keeps cookies, and sends the provider's own forms.
 * Gives back the URL where it ended, which is the callback, after having been there.
 */
export async function signInByHttp(page: URL, { answer = 'consent', user = 'ana' } = {}): Promise<URL> {
  const cookies = new Map<string, string>();
  let [url, init]: [URL, RequestInit] = [page, {}];
  for (let step = 0; step < 20; step += 1) {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const html = await response.text();
    const action = /action="([^"]+)"/.exec(html)?.[1];
    if (location !== null) {
      [url, init] = [new URL(location, url), {}];
    } else if (action === undefined) {
      return url;
    } else {
      const abort = /href="([^"]+\/abort)"/.exec(html)?.[1];
      const form = new URLSearchParams({
        prompt: html.includes('name="login"') ? 'login' : 'consent',
        login: user,
        password: 'any',
      });
      [url, init] =
        answer === 'abort' && abort !== undefined
          ? [new URL(abort, url), {}]
          : [new URL(action, url), { method: 'POST', body: form }];
    }
  }
  throw new Error('the provider keeps asking');
}
