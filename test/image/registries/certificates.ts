import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onEnd } from '../assembly/disposal';
import { run } from '../containers/program';

export interface Certificates {
  /** The folder with `server.crt` and `server.key`. */
  readonly folder: string;
  readonly caFile: string;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** A certificate authority, and a certificate of it for loopback and for the registries of Amazon ECR. */
export async function createCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(path.join(tmpdir(), 'image-test-certificates-'));
  onEnd(() => rmSync(folder, { recursive: true }));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  writeFileSync(path.join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:*.dkr.ecr.eu-central-1.amazonaws.com\n');
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=image tests',
    '-days',
    '2',
  );
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=registry',
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.crt',
    '-days',
    '2',
    '-extfile',
    'names',
  );
  return {
    folder,
    caFile: path.join(folder, 'ca.crt'),
    certificate: readFileSync(path.join(folder, 'server.crt')),
    key: readFileSync(path.join(folder, 'server.key')),
  };
}
