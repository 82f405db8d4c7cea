import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

/**
 * A server on loopback that is reached by HTTPS. Nobody trusts its certificate before `trust` was called.
 *
 * @param extensions - what else is in the certificate, as OpenSSL writes it
 */
export function encryptedServer(
  listener: RequestListener,
  extensions: readonly string[] = [],
): { readonly server: Server; trust(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'stateful-mcp-'));
  const files = ['-keyout', path.join(folder, 'key'), '-out', path.join(folder, 'certificate')];
  const names = ['-subj', '/CN=test'];
  const added = ['subjectAltName=IP:127.0.0.1', ...extensions].flatMap(extension => ['-addext', extension]);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...names, ...added], { stdio: 'ignore' });
  const cert = readFileSync(path.join(folder, 'certificate'));
  const server = createServer({ key: readFileSync(path.join(folder, 'key')), cert }, listener);
  rmSync(folder, { recursive: true });
  return {
    server,
    trust() {
      // As one of a root would be.
      const createSecureContext = tls.createSecureContext.bind(tls);
      jest
        .spyOn(tls, 'createSecureContext')
        .mockImplementation(options => createSecureContext({ ...options, ca: cert }));
    },
  };
}
