import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { Podman } from './podman';
import { run } from './program';

export type Architecture = 'amd64' | 'arm64';

const NODE_VERSION = '22.23.3';
const NPM_ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;

const CONTAINERFILE = `FROM scratch
ADD root.tar /
COPY node /usr/local/bin/node
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_VERSION=${NODE_VERSION}
LABEL made.by=podman
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["--help"]
`;

function cacheFolder(name: string): string {
  const folder = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'stateful-mcp', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A minimal Debian with some packages, and what they need. Fetched once per machine. */
async function debian(cache: string, architecture: Architecture, packages: string): Promise<string> {
  const root = path.join(cache, 'root.tar');
  if (!existsSync(root)) {
    await run(
      'mmdebstrap',
      ['--variant=extract', `--architectures=${architecture}`, `--include=${packages}`, 'bookworm', `${root}.part.tar`],
      {
        env: { ...process.env, SOURCE_DATE_EPOCH: '0' },
      },
    );
    renameSync(`${root}.part.tar`, root);
  }
  return root;
}

/** What a base image is made of: a minimal Debian and one binary of Node.js. Fetched once per machine. */
async function ingredients(architecture: Architecture): Promise<{ root: string; node: string }> {
  const cache = cacheFolder(`base-image-${NODE_VERSION}-${architecture}`);
  const root = await debian(cache, architecture, 'libc6,libstdc++6,libgcc-s1');
  const node = path.join(cache, 'node');
  if (!existsSync(node)) {
    const name = `node-linux-${NPM_ARCHITECTURES[architecture]}`;
    await run('npm', ['pack', '--silent', `${name}@${NODE_VERSION}`], { cwd: cache });
    await run('tar', ['-xzf', `${name}-${NODE_VERSION}.tgz`, '--strip-components=2', 'package/bin/node'], {
      cwd: cache,
    });
  }
  return { root, node };
}

/**
 * Builds a base image that can run, for some architectures, and pushes it as one list. Podman knows nothing of our
 * assembler.
 */
export async function pushBaseImage(
  podman: Podman,
  target: string,
  architectures: readonly Architecture[],
  format: 'oci' | 'v2s2' = 'oci',
): Promise<void> {
  const files = async (architecture: Architecture) => {
    const { root, node } = await ingredients(architecture);
    return { 'root.tar': { copyOf: root }, node: { copyOf: node }, Containerfile: CONTAINERFILE };
  };
  await pushList(podman, target, architectures, format, files);
}

/** A base image with the Python of Debian, for one architecture. */
export async function pushPythonImage(podman: Podman, target: string, architecture: Architecture): Promise<void> {
  await pushList(podman, target, [architecture], 'oci', async () => ({
    'root.tar': { copyOf: await debian(cacheFolder(`base-image-python-${architecture}`), architecture, 'python3') },
    Containerfile: 'FROM scratch\nADD root.tar /\nENV PATH=/usr/bin:/bin\nCMD ["python3"]\n',
  }));
}

/** A base image that cannot run, of some layers with random bytes. */
export async function pushRandomImage(
  podman: Podman,
  target: string,
  layerSizes: readonly number[],
  format: 'oci' | 'v2s2' = 'oci',
): Promise<void> {
  const containerfile = [
    'FROM scratch',
    ...layerSizes.map((_, index) => `COPY layer${index} /layer${index}`),
    'ENV LEVEL=base',
    'CMD ["/layer0"]',
  ].join('\n');
  const layers = Object.fromEntries(layerSizes.map((size, index) => [`layer${index}`, randomBytes(size)]));
  await pushList(podman, target, ['arm64'], format, () => Promise.resolve({ ...layers, Containerfile: containerfile }));
}

type ContextFiles = Readonly<Record<string, string | Buffer | { readonly copyOf: string }>>;

async function pushList(
  podman: Podman,
  target: string,
  architectures: readonly Architecture[],
  format: 'oci' | 'v2s2',
  files: (architecture: Architecture) => Promise<ContextFiles>,
): Promise<void> {
  const list = `localhost/list-${randomUUID()}`;
  await podman.command('manifest', 'create', list);
  for (const architecture of architectures) {
    const image = `localhost/image-${randomUUID()}`;
    await buildImage(podman, image, architecture, format, await files(architecture));
    await podman.command(
      'manifest',
      'add',
      '--arch',
      architecture,
      '--os',
      'linux',
      list,
      `containers-storage:${image}`,
    );
  }
  await podman.push('manifest', list, target, format);
}

async function buildImage(
  podman: Podman,
  image: string,
  architecture: Architecture,
  format: 'oci' | 'v2s2',
  files: ContextFiles,
): Promise<void> {
  const context = mkdtempSync(path.join(tmpdir(), 'image-test-base-'));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(context, name);
    if (typeof content === 'object' && 'copyOf' in content) {
      copyFileSync(content.copyOf, file);
    } else {
      writeFileSync(file, content);
    }
  }
  const formatName = format === 'oci' ? 'oci' : 'docker';
  await podman.command(
    'build',
    '--layers',
    '--platform',
    `linux/${architecture}`,
    '--format',
    formatName,
    '--tag',
    image,
    context,
  );
  rmSync(context, { recursive: true });
}
