import { PlatformException, resourceNotFound } from '../platform/platform-errors';

/** A request to the control plane, read and parsed. */
export interface ControlRequest {
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ControlResponse {
  readonly status: number;
  readonly body: object;
}

const DEFAULT_PAGE = 100;

/** One page of a list. */
export function page<Item>(items: readonly Item[], member: string, query: URLSearchParams): ControlResponse {
  const size = Number(query.get('maxResults') ?? DEFAULT_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > DEFAULT_PAGE) {
    throw invalidQuery('maxResults', `must be a whole number from 1 to ${DEFAULT_PAGE}`);
  }
  const token = query.get('nextToken');
  const from = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isInteger(from) || from < 0) {
    throw invalidQuery('nextToken', 'is none that this list has given');
  }
  const nextToken = from + size < items.length ? Buffer.from(String(from + size)).toString('base64url') : undefined;
  return { status: 200, body: { [member]: items.slice(from, from + size), nextToken } };
}

export function conflict(message: string): PlatformException {
  return new PlatformException('ConflictException', message);
}

export function notFound(what: string, id: string): PlatformException {
  return resourceNotFound(`${what} '${id}' was not found`);
}

/** What the service can do and this cannot. */
export function notSimulated(what: string): PlatformException {
  return new PlatformException('ValidationException', `not simulated by the local runtime: ${what}`, {
    reason: 'FieldValidationFailed',
  });
}

function invalidQuery(name: string, message: string): PlatformException {
  return new PlatformException('ValidationException', `${name}: ${message}`, {
    reason: 'FieldValidationFailed',
    fieldList: [{ name, message }],
  });
}
