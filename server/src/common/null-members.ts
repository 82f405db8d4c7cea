import { isJsonObject } from './json-rpc';

type JsonObject = Record<string, unknown>;

/** What belongs to authors and users: whatever is inside stays as it is. */
const FREE_MEMBERS = new Set(['arguments', 'input', 'structuredContent', 'experimental', 'extensions']);

/** Here, `arguments` are texts by name, each of them optional: null is one that was not given. */
const TEXTS_BY_NAME = new Set(['prompts/get', 'completion/complete']);

/** What the modern era requires in `_meta`: null there is an error of the request, and no sign of the other era. */
const REQUIRED_METADATA = new Set([
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
]);

/**
 * A message, or a batch of them, without the optional members that are null. To those who send them (maps of Go, beans
 * of Java, AgentCore's own health ping) they mean the same as absent ones; to the SDK they are errors. A required member
 * that is null is then missing, and refused like any that is.
 */
export function withoutNullMembers(body: unknown): unknown {
  if (Array.isArray(body)) {
    return body.map(withoutNullMembers);
  }
  return isJsonObject(body) ? messageWithoutNull(body) : body;
}

function messageWithoutNull(message: JsonObject): JsonObject {
  const { params, result, error, ...rest } = message;
  const kept: JsonObject = { ...rest };
  // Notifications have none.
  if (kept['id'] === null && String(kept['method']).startsWith('notifications/')) {
    delete kept['id'];
  }
  if (params !== null && params !== undefined) {
    kept['params'] = isJsonObject(params) ? withoutNull(params, message['method']) : params;
  }
  // Of a result and an error one is required.
  if (result !== undefined && (result !== null || !isJsonObject(error))) {
    kept['result'] = isJsonObject(result) ? withoutNull(result) : result;
  }
  if (error !== undefined && (error !== null || !isJsonObject(result))) {
    kept['error'] = error;
  }
  return kept;
}

function withoutNull(value: JsonObject, method?: unknown): JsonObject {
  const kept: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === null) {
      continue;
    }
    const isFree = FREE_MEMBERS.has(name) && !(name === 'arguments' && TEXTS_BY_NAME.has(String(method)));
    define(kept, name, cleaned(name, member, isFree, method));
  }
  return kept;
}

function cleaned(name: string, member: unknown, isFree: boolean, method: unknown): unknown {
  if (name === '_meta' || (isFree && (name === 'experimental' || name === 'extensions'))) {
    return isJsonObject(member) ? withoutOwnNull(member) : member;
  }
  if (isFree) {
    return member;
  }
  if (Array.isArray(member)) {
    return member.map(item => (isJsonObject(item) ? withoutNull(item, method) : (item as unknown)));
  }
  return isJsonObject(member) ? withoutNull(member, method) : member;
}

/** Metadata and extensions are free inside; what the protocol itself defines there is an object like any other. */
function withoutOwnNull(value: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== null || REQUIRED_METADATA.has(name)) {
      define(kept, name, REQUIRED_METADATA.has(name) && isJsonObject(member) ? withoutNull(member) : member);
    }
  }
  return kept;
}

/** A member of any name, `__proto__` included. */
function define(object: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
