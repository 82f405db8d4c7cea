import { deflateRawSync } from 'node:zlib';
import { contentsOf, sizeOf, type ProgramFile } from './program-files';

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html */
const MEGABYTE = 1024 ** 2;
const MAX_ZIP_BYTES = 250 * MEGABYTE;
const MAX_UNPACKED_BYTES = 750 * MEGABYTE;
const MAX_IMAGE_BYTES = 2 * 1024 * MEGABYTE;

export interface ZipLimits {
  readonly zipBytes: number;
  readonly unpackedBytes: number;
}

/**
 * What the service would refuse in a zip file of these files. They are compressed to find out, unless they are small
 * enough as they are.
 */
export function zipProblems(
  files: readonly ProgramFile[],
  { zipBytes, unpackedBytes }: ZipLimits = { zipBytes: MAX_ZIP_BYTES, unpackedBytes: MAX_UNPACKED_BYTES },
): string[] {
  const unpacked = totalOf(files, sizeOf);
  if (unpacked > unpackedBytes) {
    return [
      tooLarge(
        files,
        `${megabytes(unpacked)} unpacked`,
        `${megabytes(unpackedBytes)} are allowed in a zip file`,
        'use `Packaging.image()`, or ship less',
      ),
    ];
  }
  const compressed = unpacked > zipBytes ? totalOf(files, file => deflateRawSync(contentsOf(file)).length) : unpacked;
  if (compressed > zipBytes) {
    return [
      tooLarge(
        files,
        `${megabytes(compressed)} compressed`,
        `${megabytes(zipBytes)} are allowed in a zip file`,
        'use `Packaging.image()`, or ship less',
      ),
    ];
  }
  return [];
}

/** What the service would refuse in an image with these files, before it is known how large the base image is. */
export function imageProblems(files: readonly ProgramFile[], imageBytes: number = MAX_IMAGE_BYTES): string[] {
  const unpacked = totalOf(files, sizeOf);
  return unpacked > imageBytes
    ? [
        tooLarge(
          files,
          `${megabytes(unpacked)} unpacked`,
          `${megabytes(imageBytes)} are allowed in an image`,
          'ship less',
        ),
      ]
    : [];
}

/** A bundle without what is made of its other files, where it would be too large with that alone. */
export function withinLimits<Bundle extends { readonly files: readonly ProgramFile[] }>(
  bundle: Bundle,
  problemsOf: (files: readonly ProgramFile[]) => string[],
): Bundle {
  const own = bundle.files.filter(({ derived }) => derived !== true);
  const fits = own.length === bundle.files.length || problemsOf(bundle.files).length === 0;
  return fits ? bundle : { ...bundle, files: own };
}

function tooLarge(files: readonly ProgramFile[], size: string, allowed: string, advice: string): string {
  const sizes = new Map<string, number>();
  for (const file of files) {
    const [, top = ''] = /^((?:node_modules\/(?:@[^/]+\/)?)?[^/]+)/.exec(file.name) ?? [];
    sizes.set(top, (sizes.get(top) ?? 0) + sizeOf(file));
  }
  const largest = [...sizes]
    .sort(([, left], [, right]) => right - left)
    .slice(0, 5)
    .map(([name, bytes]) => `${name} (${megabytes(bytes)})`);
  return `\`code\` has ${size}; ${allowed}: ${advice}; the largest parts are ${largest.join(', ')}`;
}

function totalOf(files: readonly ProgramFile[], measure: (file: ProgramFile) => number): number {
  return files.reduce((sum, file) => sum + measure(file), 0);
}

function megabytes(bytes: number): string {
  return `${Math.ceil((bytes / MEGABYTE) * 10) / 10} MB`;
}
