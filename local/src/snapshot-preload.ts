/**
 * Runs in a server before its own code (CommonJS, any Node.js from 20 on).
 *
 * `Date`, `Math.random` and the random functions of `crypto` are those of a snapshot until the first request comes in; what the server has captured by then
 * (an id, a seed, a time) is the same in every process, as it is on AgentCore when instances are restored from one snapshot. From then on they are real.
 */
export const SNAPSHOT_PRELOAD = `'use strict';
const crypto = require('node:crypto');
const http = require('node:http');
const seed = process.env.STATEFUL_MCP_SNAPSHOT_SEED;
delete process.env.STATEFUL_MCP_SNAPSHOT_SEED;
if (seed) {
  const FROZEN = Date.UTC(2026, 0, 1);
  const RealDate = Date;
  const realRandom = Math.random;
  const real = {};
  for (const name of ['randomBytes', 'randomFillSync', 'randomUUID', 'randomInt']) real[name] = crypto[name];
  const realWebRandom = crypto.webcrypto.getRandomValues.bind(crypto.webcrypto);
  const realWebUuid = crypto.webcrypto.randomUUID.bind(crypto.webcrypto);
  let restored = false;
  let drawn = 0;
  const bytes = (length) => {
    const blocks = [];
    for (let left = length; left > 0; left -= 32) blocks.push(crypto.createHash('sha256').update(seed + ' ' + drawn++).digest());
    return Buffer.concat(blocks).subarray(0, length);
  };
  const fill = (target) => {
    const view = target instanceof ArrayBuffer ? new Uint8Array(target) : new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    view.set(bytes(view.length));
    return target;
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
    return callback ? void process.nextTick(callback, null, drawnBytes) : drawnBytes;
  };
  crypto.randomFillSync = (target, ...rest) => restored || rest.length > 0 ? real.randomFillSync(target, ...rest) : fill(target);
  crypto.randomUUID = (options) => restored ? real.randomUUID(options) : uuid();
  crypto.randomInt = (min, max, callback) => {
    if (restored || typeof max === 'function' || callback) return real.randomInt(min, max, callback);
    const [low, high] = max === undefined ? [0, min] : [min, max];
    return low + bytes(6).readUIntBE(0, 6) % (high - low);
  };
  crypto.webcrypto.getRandomValues = (target) => restored ? realWebRandom(target) : fill(target);
  crypto.webcrypto.randomUUID = () => restored ? realWebUuid() : uuid();
  require('node:module').syncBuiltinESMExports();
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (event, ...args) {
    if (event === 'request') restored = true;
    return emit.call(this, event, ...args);
  };
}
`;
