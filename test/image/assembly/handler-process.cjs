// Runs the shipped handler as AWS Lambda would: one event, one context, one process. The names of Amazon ECR lead to the double.
const { readFileSync } = require('node:fs');
const https = require('node:https');
const path = require('node:path');

const { createConnection } = https.Agent.prototype;
https.Agent.prototype.createConnection = function (options, listener) {
  const toEcr = /\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com$/.test(options.host);
  const target = toEcr ? { ...options, host: '127.0.0.1', port: Number(process.env.ECR_DOUBLE_PORT), servername: options.host } : options;
  return createConnection.call(this, target, listener);
};

const { handler } = require(process.env.HANDLER_FOLDER ?? path.join(__dirname, '../../../assets/image-assembler'));

process.once('message', async ({ event, timeLimitMs }) => {
  const end = Date.now() + timeLimitMs;
  await handler(event, { getRemainingTimeInMillis: () => end - Date.now() });
  // Not `resourceUsage().maxRSS`, which counts the process that this one was forked from.
  const [, peakKilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  process.send({ peakMemoryBytes: peakKilobytes * 1024 }, () => process.disconnect());
});
