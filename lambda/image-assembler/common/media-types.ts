/** What an entry of a manifest points at. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** The two families of formats. An image stays in the family of its base. */
export interface MediaTypes {
  readonly index: string;
  readonly manifest: string;
  readonly config: string;
  readonly gzippedLayer: string;
}

export const DOCKER: MediaTypes = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  gzippedLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};

export const OCI: MediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  gzippedLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/** In the order of preference, for the `Accept` header. */
export const MANIFEST_TYPES = [OCI.index, DOCKER.index, OCI.manifest, DOCKER.manifest];
