// Preloaded by the CDK's command, which asks every 5 s whether a stack is done. Here most are within 1 s.
const { setTimeout } = globalThis;
const EVERY_MS = 5000;
const HERE_EVERY_MS = 200;

globalThis.setTimeout = Object.assign(
  (callback, delay, ...args) => setTimeout(callback, delay === EVERY_MS ? HERE_EVERY_MS : delay, ...args),
  setTimeout,
);
