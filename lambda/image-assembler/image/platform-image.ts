import { type Descriptor, type MediaTypes } from '../common/media-types';

/** A base image, resolved: nothing of it depends on a tag any more. */
export interface BaseImage {
  /** The digest that the reference stands for: of the index where there is one. */
  readonly digest: string;
  readonly mediaTypes: MediaTypes;
  readonly layers: readonly Descriptor[];
  readonly config: ImageConfig;
}

/** An image for one platform. */
export type PlatformImage = Omit<BaseImage, 'digest'>;

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md, as far as it matters here. */
export interface ImageConfig {
  readonly os?: string;
  readonly architecture?: string;
  readonly config?: Readonly<Record<string, unknown>> & {
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history?: readonly Readonly<Record<string, unknown>>[] | null;
}
