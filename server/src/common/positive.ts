import { ServerKitError } from './errors';

/** @throws ServerKitError `ERR_INVALID_OPTION` */
export function positive(option: string, value: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && value > 0 && value <= max) {
    return value;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`${option}\` must be above 0${max < Number.MAX_SAFE_INTEGER ? ` and at most ${max}` : ''}, got ${String(value)}`,
  );
}
