import type { ApplicationArchive, ImageAssemblyProperties } from '../../../lib/private/image/image-assembly-contract';
import { GivenProperties } from '../../common/given-properties';
import { ImageAssemblyError } from './failures';
import { parseImageReference, parseRepositoryUri, type ImageReference } from './image-reference';
import type { Platform } from './media-types';

/** What to assemble: the properties of the custom resource, checked. */
export interface ImageAssemblyRequest {
  readonly repositoryUri: string;
  readonly target: Pick<ImageReference, 'registry' | 'repository'>;
  readonly baseImage: ImageReference;
  readonly platform: Platform;
  readonly application: ApplicationArchive;
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly workingDirectory: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const PORTS = 'a port from 1 to 65535';

/**
 * Folders of the root that belong to the base image; some are links, which a folder of that name in a layer would
 * replace.
 */
const FOLDERS_OF_THE_BASE = [
  'bin',
  'boot',
  'dev',
  'etc',
  'home',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'media',
  'mnt',
  'opt',
  'proc',
  'root',
  'run',
  'sbin',
  'srv',
  'sys',
  'tmp',
  'usr',
  'var',
];

/** Checks what CloudFormation delivered against the contract. */
export function parseProperties(
  properties: Readonly<Record<string, unknown>>,
  platform: Platform,
): ImageAssemblyRequest {
  const given = new GivenProperties<ImageAssemblyProperties>(properties, invalid);
  const application = given.member<ApplicationArchive>('application');
  return {
    repositoryUri: given.text('repositoryUri'),
    target: parseRepositoryUri(given.text('repositoryUri')),
    baseImage: parseImageReference(given.text('baseImage')),
    platform,
    application: {
      bucketName: application.text('bucketName'),
      objectKey: application.text('objectKey'),
      contentHash: application.text('contentHash', /^[a-f0-9]{8,64}$/, '8 to 64 hexadecimal digits'),
    },
    entrypoint: given.list('entrypoint'),
    user: given.text(
      'user',
      /^[1-9]\d{0,9}(:[1-9]\d{0,9})?$/,
      'a number such as 1000, or two such as 1000:1000, none of them 0,',
    ),
    workingDirectory: workingDirectory(given),
    port: port(given),
    environment: given.texts('environment'),
    labels: given.texts('labels'),
  };
}

function port(given: GivenProperties<ImageAssemblyProperties>): number {
  const value = Number(given.text('port', /^[1-9]\d{0,4}$/, PORTS));
  if (value > 65_535) {
    throw given.invalid('port', value, PORTS);
  }
  return value;
}

function workingDirectory(given: GivenProperties<ImageAssemblyProperties>): string {
  const folder = given.text('workingDirectory', /^\/[A-Za-z0-9_][\w.-]*$/, 'a folder of the root such as /app');
  if (FOLDERS_OF_THE_BASE.includes(folder.slice(1))) {
    throw given.invalid(
      'workingDirectory',
      folder,
      "a folder of the root that is not the base image's own, such as /app,",
    );
  }
  return folder;
}

function invalid(message: string): ImageAssemblyError {
  return new ImageAssemblyError('ERR_PROPERTIES_INVALID', message);
}
