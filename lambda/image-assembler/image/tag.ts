import { digestOf } from '../common/digest';
import type { ImageAssemblyRequest } from '../common/properties';

/** Raised when equal properties would give another image, so that an image of the older kind is not taken for it. */
const ASSEMBLY_FORMAT = 1;

/**
 * `sha256:` and the hash of everything that goes into an image except what a tag of the base image stands for at the
 * time.
 */
export function inputsDigest(request: ImageAssemblyRequest): string {
  const inputs = [
    ASSEMBLY_FORMAT,
    request.baseImage.text,
    request.platform.os,
    request.platform.architecture,
    request.application.contentHash,
    request.entrypoint,
    request.user,
    request.workingDirectory,
    request.port,
    sortedEntries(request.environment),
    sortedEntries(request.labels),
  ];
  return digestOf(JSON.stringify(inputs));
}

/**
 * The tag of an image, which says what it is: `code-{application}-on-{base image}-{all inputs}`.
 *
 * Tags are immutable and the last part stands for all inputs, so a tag that is in the repository is the finished image.
 * A second run, a rollback and an update that changes nothing end there.
 */
export function tagOf(request: ImageAssemblyRequest): string {
  const { repository, reference } = request.baseImage;
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const base = `${name}-${reference.replace(/^sha256:(.{12}).*$/, '$1')}`.slice(0, 64);
  const inputs = inputsDigest(request).slice('sha256:'.length);
  return `code-${request.application.contentHash.slice(0, 12)}-on-${base}-${inputs.slice(0, 16)}`;
}

function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}
