import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { REQUEST_STATE_KEY_VARIABLE } from 'stateful-mcp-contract';
import { decodeKeys, KEY_BYTES } from './shared-keys';
import { decrypt, encrypt } from './state-encryption';
import { LONGEST_TIMER_MS } from '../common/duration';
import { ServerKitError } from '../common/errors';
import { isJsonObject } from '../common/json-rpc';
import { kernelRandomBytes } from '../common/kernel-random';
import { positive } from '../common/positive';

/** The most that a state may hold, as text. It travels with every round of a conversation, both ways. */
export const MAX_REQUEST_STATE_LENGTH = 256 * 1024;

/**
 * Makes every state another one, even of processes that were restored at the same moment and carry the same answers.
 */
const NONCE_BYTES = 12;
const PREFIX = 'v1';
const ENCRYPTED_PREFIX = 'e1';

/** `signed`: the client can read it, but not change it. `encrypted`: neither. */
export type StateProtection = 'signed' | 'encrypted';

/** What a state belongs to: it is refused for any other method, tool, arguments or principal. */
export interface StateBinding {
  readonly method: unknown;
  readonly params: unknown;
  readonly principal: string;
}

/**
 * Signs and verifies the `requestState` of modern requests (protocol 2026-07-28), which the client carries from round
 * to round.
 *
 * `v1.<body>.<HMAC-SHA256>`, the body being base64url of JSON. Signed, not encrypted: the client can read it, so
 * nothing secret goes in. `e1.<body>.<HMAC-SHA256>` is the encrypted form: the body is encrypted first, and then signed
 * like the other. The key comes from the environment, or is drawn from the kernel. Either happens at the first use and
 * not before, since a process may be started once and restored many times.
 */
export class RequestStateCodec {
  private keys: readonly Buffer[] | undefined;

  /** @param environment - where the key is looked for */
  public constructor(private readonly environment: Readonly<Record<string, string | undefined>> = process.env) {}

  public mint(
    payload: unknown,
    binding: StateBinding,
    lifetimeMs: number,
    protection: StateProtection = 'signed',
  ): string {
    // One that is over already is expired; one without an end would be refused as having none.
    if (lifetimeMs > 0 || Number.isNaN(lifetimeMs)) {
      positive('lifetimeMs', lifetimeMs, LONGEST_TIMER_MS);
    }
    const content = Buffer.from(
      JSON.stringify({ nonce: base64url(kernelRandomBytes(NONCE_BYTES)), expires: Date.now() + lifetimeMs, payload }),
    );
    const [key] = this.loadKeys();
    const signed =
      protection === 'encrypted'
        ? `${ENCRYPTED_PREFIX}.${base64url(encrypt(key!, content))}`
        : `${PREFIX}.${base64url(content)}`;
    const state = `${signed}.${sign(key!, signed, binding)}`;
    if (state.length <= MAX_REQUEST_STATE_LENGTH) {
      return state;
    }
    throw new ServerKitError(
      'ERR_REQUEST_STATE_TOO_LARGE',
      `the answers and results of this conversation take ${state.length} characters, allowed are ${MAX_REQUEST_STATE_LENGTH}: ` +
        'keep large results in a store of your own and carry a reference to them',
    );
  }

  public verify(state: unknown, binding: StateBinding): unknown {
    const [prefix, body, mac, ...rest] =
      typeof state === 'string' && state.length <= MAX_REQUEST_STATE_LENGTH ? state.split('.') : [];
    if ((prefix !== PREFIX && prefix !== ENCRYPTED_PREFIX) || !body || !mac || rest.length > 0) {
      throw invalid('it was not minted here');
    }
    const key = this.loadKeys().find(candidate => isSame(mac, sign(candidate, `${prefix}.${body}`, binding)));
    if (!key) {
      throw invalid('its signature does not fit this method, tool, arguments, principal and key');
    }
    const bytes = Buffer.from(body, 'base64url');
    const content: unknown = JSON.parse((prefix === ENCRYPTED_PREFIX ? decrypt(key, bytes) : bytes).toString());
    if (!isJsonObject(content) || typeof content['expires'] !== 'number') {
      throw invalid('it has no expiry');
    }
    if (content['expires'] < Date.now()) {
      throw invalid('it has expired');
    }
    return content['payload'];
  }

  /**
   * The first key signs, every key verifies. A rotation takes two deployments, since processes of the one before still
   * serve meanwhile: first `old,new`, so that all know the new key, then `new,old`.
   */
  private loadKeys(): readonly Buffer[] {
    const configured = this.environment[REQUEST_STATE_KEY_VARIABLE];
    this.keys ??= configured ? decodeKeys(configured) : [kernelRandomBytes(KEY_BYTES)];
    return this.keys;
  }
}

function sign(key: Buffer, signed: string, binding: StateBinding): string {
  return createHmac('sha256', key)
    .update(`${signed}\n${digest(binding)}`)
    .digest('base64url');
}

function digest({ method, params, principal }: StateBinding): string {
  const { name, uri, arguments: args } = isJsonObject(params) ? params : {};
  return createHash('sha256')
    .update(canonical([method, name ?? uri, args, principal]))
    .digest('base64url');
}

/**
 * JSON with the members of objects in one order, since a client may send equal arguments in another one; and with the
 * numbers that JSON can bring but not write (`1e999`, `-0`), which must not pass for `null` and `0`.
 */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join()}]`;
  }
  if (isJsonObject(value)) {
    const members = Object.keys(value).sort();
    return `{${members.map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
  }
  if (typeof value === 'number') {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  return JSON.stringify(value ?? null);
}

function invalid(reason: string): ServerKitError {
  return new ServerKitError('ERR_REQUEST_STATE_INVALID', `the \`requestState\` is refused: ${reason}`);
}

/** As text: several texts decode to the same bytes. */
function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
