import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram } from '../../../local/src/machine/search-path';
import { run } from '../../image/containers/program';
import { ANY_MANIFEST, startRegistry } from '../../image/registries/registry';

const PROGRAMS = ['docker-registry', 'skopeo', 'umoci'];

/** What `scripts/image-registry.sh` installs, and is not here. */
export const missingPrograms = PROGRAMS.filter(program => findProgram(program) === undefined);

export interface ImageRegistry {
  readonly url: string;
  /** The file system of a base image is so little: the programs of images are started by the local runtime. */
  pushBaseImage(reference: string): Promise<void>;
  /** Digest and layers of an image that is named by its tag or digest. */
  describe(repository: string, reference: string): Promise<DescribedImage>;
}

export interface DescribedImage {
  readonly digest: string | null;
  readonly layers: readonly string[];
}

/** CNCF distribution, with whatever repositories are pushed to. It ends with `endAll()` of the image tests. */
export async function startImageRegistry(): Promise<ImageRegistry> {
  // MiniStack is between it and its clients.
  const { host, url } = await startRegistry({ relativeLocations: true });
  return {
    url,
    pushBaseImage: reference => pushBaseImage(`${host}/${reference}`),
    describe: async (repository, reference) => {
      const response = await fetch(`${url}/v2/${repository}/manifests/${reference}`, { headers: ANY_MANIFEST });
      if (!response.ok) {
        throw new Error(`${repository}@${reference}: ${response.status} ${await response.text()}`);
      }
      const { layers } = (await response.json()) as { layers: readonly { digest: string }[] };
      return { digest: response.headers.get('docker-content-digest'), layers: layers.map(({ digest }) => digest) };
    },
  };
}

async function pushBaseImage(target: string): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-base-'));
  const umoci = (...args: readonly string[]): Promise<string> => run('umoci', args, { cwd: directory });
  writeFileSync(path.join(directory, 'os-release'), 'ID=rehearsal\n');
  await umoci('init', '--layout', 'base');
  await umoci('new', '--image', 'base:image');
  await umoci('config', '--image', 'base:image', '--os', 'linux', '--architecture', 'arm64');
  await umoci('insert', '--rootless', '--image', 'base:image', 'os-release', '/etc/os-release');
  const copy = ['--insecure-policy', 'copy', '--dest-tls-verify=false', 'oci:base:image', `docker://${target}`];
  await run('skopeo', copy, { cwd: directory });
  rmSync(directory, { recursive: true });
}
