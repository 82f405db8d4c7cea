import type { ImageAssemblyRequest } from '../common/properties';
import { inputsDigest } from './tag';
import type { BaseImage, ImageConfig } from './platform-image';

/** The label by which an image of this assembler is told from others with the same tag. */
export const INPUTS_LABEL = 'io.github.cdkstatefulmcp.assembly-inputs';
/** https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
export const BASE_NAME_LABEL = 'org.opencontainers.image.base.name';
export const BASE_DIGEST_LABEL = 'org.opencontainers.image.base.digest';

/** What builders write where the time of the build must not make a difference. */
const NO_TIME = '1970-01-01T00:00:00Z';

/**
 * The configuration of the image: that of the base, with one layer more and another program. Equal inputs give equal
 * bytes.
 *
 * @param diffId - the digest of that layer, uncompressed
 */
export function imageConfig(request: ImageAssemblyRequest, base: BaseImage, diffId: string): Buffer {
  const { config: inherited, rootfs, history, ...platform } = withoutBuildOfBase(base.config);
  const config: ImageConfig = {
    ...platform,
    config: {
      ...inherited,
      User: request.user,
      ExposedPorts: { [`${request.port}/tcp`]: {} },
      Env: mergedEnvironment(inherited.Env ?? [], request.environment),
      Entrypoint: request.entrypoint,
      // A command of the base image would become arguments of the program.
      Cmd: null,
      WorkingDir: request.workingDirectory,
      Labels: {
        ...inherited.Labels,
        ...request.labels,
        [BASE_NAME_LABEL]: request.baseImage.text,
        [BASE_DIGEST_LABEL]: base.digest,
        [INPUTS_LABEL]: inputsDigest(request),
      },
    },
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, diffId] },
    history: [
      ...(history ?? []),
      {
        created: NO_TIME,
        created_by: `cdk-stateful-mcp: ${request.workingDirectory} of ${request.application.contentHash}`,
      },
    ],
  };
  return Buffer.from(JSON.stringify({ created: NO_TIME, ...config }));
}

/** Docker notes in a configuration how that very image was built; of an image on top of it that would be untrue. */
function withoutBuildOfBase(base: ImageConfig): ImageConfig & Required<Pick<ImageConfig, 'config'>> {
  const kept = Object.entries(base).filter(
    ([key]) => !['author', 'container', 'container_config', 'created', 'docker_version', 'id', 'parent'].includes(key),
  );
  const config = Object.entries(base.config ?? {}).filter(([key]) => key !== 'OnBuild');
  return { ...Object.fromEntries(kept), config: Object.fromEntries(config), rootfs: base.rootfs };
}

/** Keeps the order of the base, as `ENV` in a Dockerfile does. */
function mergedEnvironment(inherited: readonly string[], added: Readonly<Record<string, string>>): string[] {
  const merged = new Map(
    inherited.map(variable => {
      const end = variable.indexOf('=');
      return end === -1 ? [variable, ''] : [variable.slice(0, end), variable.slice(end + 1)];
    }),
  );
  for (const [name, value] of Object.entries(added).sort(([left], [right]) => (left < right ? -1 : 1))) {
    merged.set(name, value);
  }
  return [...merged].map(([name, value]) => `${name}=${value}`);
}
