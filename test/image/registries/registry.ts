import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificates } from './certificates';
import { onEnd } from '../assembly/disposal';
import { freePort } from '../../free-port';
import { start } from '../containers/program';
import { startTokenService } from './token-service';

export interface RegistryOptions {
  /** Needed for TLS, and for tokens, which it signs. */
  readonly certificates?: Certificates;
  /** Whether the registry, and the token service, speak TLS. */
  readonly tls?: boolean;
  /** How clients prove who they are. */
  readonly authentication?: 'none' | 'basic' | 'token';
  /** Whether the locations of uploads come without scheme and host. */
  readonly relativeLocations?: boolean;
  /** How long the tokens of the token service are good. */
  readonly tokenSeconds?: number;
}

export interface Registry {
  /** `127.0.0.1:{port}` */
  readonly host: string;
  readonly url: string;
  /** Requests so far, as `METHOD /path status`. */
  readonly requests: () => string[];
}

/** Every kind of manifest: distribution gives those of OCI only to clients that say they know them. */
export const ANY_MANIFEST = {
  accept: [
    'oci.image.index.v1',
    'oci.image.manifest.v1',
    'docker.distribution.manifest.list.v2',
    'docker.distribution.manifest.v2',
  ]
    .map(type => `application/vnd.${type}+json`)
    .join(', '),
};

export const USERNAME = 'AWS';
export const PASSWORD = 'registry-password';
/** bcrypt of the password above */
const PASSWORD_HASH = '$2y$05$abcdefghijklmnopqrstuux7DVfxfgfXTmp/9Tsk6HzX2QQGjxePG';

/**
 * Starts CNCF distribution, the registry behind Docker Hub and many others, from Debian's package `docker-registry`.
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const { certificates, tls = false, authentication = 'none', relativeLocations = false } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'image-test-registry-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const scheme = tls ? 'https' : 'http';
  const keyPair = certificates && {
    certificate: path.join(certificates.folder, 'server.crt'),
    key: path.join(certificates.folder, 'server.key'),
  };
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: path.join(folder, 'data') } },
    http: { addr: host, relativeurls: relativeLocations, ...(tls && { tls: keyPair }) },
    ...(await authenticationOf(authentication, folder, options)),
  };
  writeFileSync(path.join(folder, 'config.yml'), JSON.stringify(config));
  const { process, output } = start('docker-registry', ['serve', path.join(folder, 'config.yml')], {
    env: { ...globalThis.process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  for (;;) {
    // Any answer will do; a certificate that is not trusted in this process is one.
    const listening = await fetch(`${scheme}://${host}/v2/`).then(
      () => true,
      (error: Error & { cause?: { code?: string } }) => error.cause?.code !== 'ECONNREFUSED',
    );
    if (listening) {
      break;
    }
    if (process.exitCode !== null) {
      throw new Error(`docker-registry ended: ${output()}`);
    }
    await delay(20);
  }
  return { host, url: `${scheme}://${host}`, requests: () => accessLog(output()) };
}

async function authenticationOf(
  authentication: 'none' | 'basic' | 'token',
  folder: string,
  { certificates, tls = false, tokenSeconds }: RegistryOptions,
): Promise<object> {
  if (authentication === 'basic') {
    writeFileSync(path.join(folder, 'htpasswd'), `${USERNAME}:${PASSWORD_HASH}\n`);
    return { auth: { htpasswd: { realm: 'test', path: path.join(folder, 'htpasswd') } } };
  }
  if (authentication === 'token' && certificates !== undefined) {
    const { realm, service, issuer } = await startTokenService(certificates, { tls, tokenSeconds });
    return { auth: { token: { realm, service, issuer, rootcertbundle: certificates.caFile } } };
  }
  return {};
}

/** The access log is in the format of Apache: `… "GET /v2/ HTTP/1.1" 200 …`. */
function accessLog(output: string): string[] {
  return [...output.matchAll(/"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d+)/g)].map(
    ([, method, target, status]) => `${method} ${target} ${status}`,
  );
}
