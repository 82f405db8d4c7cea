import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onEnd } from '../assembly/disposal';
import { run, start } from './program';

/**
 * runc, because crun cannot start anything on hosts with both kinds of control groups; no systemd to ask for them
 * either.
 */
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** Podman with images of its own, which are gone when the test ends. */
export class Podman {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'image-test-podman-'));
  private readonly environment = { ...process.env, CONTAINERS_CONF: path.join(this.folder, 'containers.conf') };
  private readonly storage = ['--root', path.join(this.folder, 'root'), '--runroot', path.join(this.folder, 'run')];

  public constructor() {
    writeFileSync(path.join(this.folder, 'containers.conf'), CONTAINERS_CONF);
    onEnd(async () => {
      await this.command('rm', '--all', '--force', '--time', '0');
      await this.command('rmi', '--all', '--force');
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** A folder with a `podman` for programs that look for it on the PATH. */
  public asProgram(): string {
    const folder = path.join(this.folder, 'bin');
    mkdirSync(folder, { recursive: true });
    const real = execFileSync('sh', ['-c', 'command -v podman'], { encoding: 'utf8' }).trim();
    const script = `#!/bin/sh\nCONTAINERS_CONF='${this.environment.CONTAINERS_CONF}' exec ${real} ${this.storage.join(' ')} "$@"\n`;
    writeFileSync(path.join(folder, 'podman'), script, { mode: 0o755 });
    return folder;
  }

  public command(...args: string[]): Promise<string> {
    return run('podman', [...this.storage, ...args], { env: this.environment });
  }

  /** Pushes an image, or a list of them with all that is in it. */
  public async push(kind: 'image' | 'manifest', name: string, target: string, format: 'oci' | 'v2s2'): Promise<void> {
    const all = kind === 'manifest' ? ['manifest', 'push', '--all'] : ['push'];
    await this.command(...all, '--format', format, '--tls-verify=false', name, `docker://${target}`);
  }

  public async pull(image: string, architecture: string): Promise<void> {
    await this.command('pull', '--quiet', '--arch', architecture, '--tls-verify=false', image);
  }

  /** Starts a container in the network of the host; what listens in it listens on loopback alone. */
  public runContainer(image: string, environment: Record<string, string>): ReturnType<typeof start> {
    const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    return start('podman', [...this.storage, 'run', '--rm', '--network', 'host', '--read-only', ...variables, image], {
      env: this.environment,
    });
  }
}
