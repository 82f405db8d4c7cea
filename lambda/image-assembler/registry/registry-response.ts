import type { HttpResponse } from '../../common/http-transport';
import { DOCKER, OCI } from '../common/media-types';
import { parseRetryAfter, TransientFailure } from '../../common/retry';

/** A request to a registry that failed for good. */
export interface RegistryFailure {
  readonly kind: 'not-found' | 'denied' | 'rate-limited' | 'unavailable' | 'refused';
  /** What the registry said, or what broke. */
  readonly message: string;
}

/** A response of a registry whose body was small enough to be read at once. */
export interface RegistryResponse extends Omit<HttpResponse, 'body'> {
  readonly body: Buffer;
}

/** What a status is about, or that there was none. */
export function kindOf(status: number | undefined): RegistryFailure['kind'] {
  if (status === undefined || status === 408 || status >= 500) {
    return 'unavailable';
  }
  return ({ 401: 'denied', 403: 'denied', 404: 'not-found', 429: 'rate-limited' } as const)[status] ?? 'refused';
}

export function failureOf({ request, status, body }: RegistryResponse): RegistryFailure {
  return { kind: kindOf(status), message: `${request} was answered with status ${status}${saying(body)}` };
}

/** A status that may be another one soon: too many requests, a time limit, a fault of the server. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

export function transientFailureOf(response: RegistryResponse): TransientFailure {
  const { status, headers } = response;
  return new TransientFailure(failureOf(response).message, {
    status,
    retryAfterMs: parseRetryAfter(headers['retry-after']),
  });
}

/** So much of what a registry says is told. */
const MAX_WORDS = 1000;

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
export function saying(body: Buffer): string {
  const text = body.toString().replaceAll(/\s+/g, ' ').trim();
  const said = wordsOf(text) || text.slice(0, 200);
  return said === '' ? '' : `: ${said}`;
}

/** A registry may send an error for each layer: each is told once, and the advice after them is not cut off. */
function wordsOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors: { code?: unknown; message?: unknown }[] };
    const words = errors.map(({ code, message }) =>
      [code, message].filter(part => typeof part === 'string' && part !== '').join(' '),
    );
    return [...new Set(words)]
      .filter(said => said !== '')
      .join(', ')
      .slice(0, MAX_WORDS);
  } catch {
    return '';
  }
}

/**
 * The media type of a manifest: some registries tell it in the manifest alone, and OCI lets it be missing there, which
 * Docker does not.
 */
export function mediaTypeOf({ headers, body }: RegistryResponse): string {
  const declared = headers['content-type']?.split(';')[0]?.trim();
  if (
    declared !== undefined &&
    [OCI, DOCKER].some(({ index, manifest }) => declared === index || declared === manifest)
  ) {
    return declared;
  }
  try {
    const { mediaType, ...parts } = JSON.parse(body.toString()) as { mediaType?: string };
    return mediaType ?? ociTypeOf(parts) ?? declared ?? '';
  } catch {
    return declared ?? '';
  }
}

function ociTypeOf(parts: object): string | undefined {
  if ('manifests' in parts) {
    return OCI.index;
  }
  return 'config' in parts && 'layers' in parts ? OCI.manifest : undefined;
}
