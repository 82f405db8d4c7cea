/**
 * Runs in a server before its own code (CommonJS, any Node.js from 20 on).
 *
 * `Date`, `Math.random` and the random functions of `crypto` are those of a snapshot until the first request comes in,
 * that of the warm-up hook aside, which the platform sends before the snapshot.
 * What the server has captured by then (an id, a seed, a time) is the same in every process. So it is on AgentCore when
 * instances are restored from one snapshot. From then on they are real.
 */
export const SNAPSHOT_PRELOAD = `'use strict';
const crypto = require('node:crypto');
const http = require('node:http');
const seed = process.env.STATEFUL_MCP_SNAPSHOT_SEED;
const hook = process.env.STATEFUL_MCP_SNAPSHOT_HOOK;
delete process.env.STATEFUL_MCP_SNAPSHOT_SEED;
delete process.env.STATEFUL_MCP_SNAPSHOT_HOOK;
if (seed) {
  const FROZEN = Date.UTC(2026, 0, 1);
  const RealDate = Date;
  const realRandom = Math.random;
  const real = {};
  for (const name of ['randomBytes', 'randomUUID', 'randomInt']) real[name] = crypto[name];
  const realWebRandom = crypto.webcrypto.getRandomValues.bind(crypto.webcrypto);
  const realWebUuid = crypto.webcrypto.randomUUID.bind(crypto.webcrypto);
  let restored = false;
  let drawn = 0;
  const bytes = (length) => {
    const blocks = [];
    for (let left = length; left > 0; left -= 32) blocks.push(crypto.createHash('sha256').update(seed + ' ' + drawn++).digest());
    return Buffer.concat(blocks).subarray(0, length);
  };
  // Offset and size count elements, as in the real function.
  const fill = (target, offset = 0, size) => {
    const unit = target.BYTES_PER_ELEMENT || 1;
    const [buffer, start] = ArrayBuffer.isView(target) ? [target.buffer, target.byteOffset] : [target, 0];
    const length = size === undefined ? target.byteLength - offset * unit : size * unit;
    new Uint8Array(buffer, start + offset * unit, length).set(bytes(length));
    return target;
  };
  const answer = (callback, value) => void process.nextTick(callback, null, value);
  // Keeps what util.promisify needs to know of the real function.
  const replace = (owner, name, make) => {
    const real = owner[name];
    const { prototype, ...properties } = Object.getOwnPropertyDescriptors(real);
    Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), configurable: true, writable: true, value: Object.defineProperties(make(real), properties) });
  };
  let warned = false;
  const warn = () => {
    if (!warned && !restored) process.stderr.write('snapshot mode: a key pair is generated before the first request; on AgentCore all sessions share it, here each has its own\\n');
    warned = true;
  };
  const uuid = () => {
    const raw = bytes(16);
    raw[6] = raw[6] & 15 | 64;
    raw[8] = raw[8] & 63 | 128;
    const hex = raw.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  Math.random = () => restored ? realRandom() : bytes(6).readUIntBE(0, 6) / 2 ** 48;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, restored || args.length > 0 ? args : [FROZEN], newTarget),
    apply: () => restored ? RealDate() : new RealDate(FROZEN).toString(),
    get: (target, key) => key === 'now' ? now : Reflect.get(target, key),
  });
  const now = () => restored ? RealDate.now() : FROZEN;
  crypto.randomBytes = (size, callback) => {
    if (restored) return real.randomBytes(size, callback);
    const drawnBytes = bytes(size);
    return callback ? answer(callback, drawnBytes) : drawnBytes;
  };
  for (const name of ['pseudoRandomBytes', 'prng', 'rng']) if (crypto[name]) replace(crypto, name, () => (...args) => crypto.randomBytes(...args));
  // The real one first: it knows which arguments are wrong.
  replace(crypto, 'randomFillSync', fillSync => (...args) => {
    const target = fillSync(...args);
    return restored ? target : fill(...args);
  });
  replace(crypto, 'randomFill', fillLater => (...args) => {
    if (restored) return fillLater(...args);
    if (typeof args.at(-1) !== 'function') return fillLater(...args);
    return answer(args.at(-1), crypto.randomFillSync(...args.slice(0, -1)));
  });
  crypto.randomUUID = (options) => restored ? real.randomUUID(options) : uuid();
  crypto.randomInt = (min, max, callback) => {
    if (restored) return real.randomInt(min, max, callback);
    const limits = typeof max === 'function' || max === undefined ? [0, min] : [min, max];
    const later = typeof max === 'function' ? max : callback;
    // The real one first: it knows which arguments are wrong.
    real.randomInt(...limits);
    const drawnInt = limits[0] + bytes(6).readUIntBE(0, 6) % (limits[1] - limits[0]);
    return later ? answer(later, drawnInt) : drawnInt;
  };
  const secretKey = (length) => crypto.createSecretKey(bytes(length >> 3));
  replace(crypto, 'generateKeySync', generate => (type, options) => {
    const key = generate(type, options);
    return restored ? key : secretKey(options.length);
  });
  replace(crypto, 'generateKey', generate => (type, options, callback) => {
    if (restored || typeof callback !== 'function') return generate(type, options, callback);
    return answer(callback, crypto.generateKeySync(type, options));
  });
  for (const name of ['generateKeyPair', 'generateKeyPairSync']) replace(crypto, name, generate => (...args) => {
    warn();
    return generate(...args);
  });
  replace(crypto.webcrypto.subtle, 'generateKey', generate => async (...args) => {
    const subtle = crypto.webcrypto.subtle;
    const key = await generate.apply(subtle, args);
    if (restored) return key;
    if (!(key instanceof CryptoKey)) {
      warn();
      return key;
    }
    return subtle.importKey('raw', bytes(key.algorithm.length >> 3), key.algorithm, key.extractable, key.usages);
  });
  crypto.webcrypto.getRandomValues = (target) => restored ? realWebRandom(target) : fill(target);
  crypto.webcrypto.randomUUID = () => restored ? realWebUuid() : uuid();
  require('node:module').syncBuiltinESMExports();
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (event, ...args) {
    if (event === 'request' && !(args[0].method === 'POST' && args[0].url === hook)) restored = true;
    return emit.call(this, event, ...args);
  };
}
`;
