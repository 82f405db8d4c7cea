// Preloaded by the functions of a rehearsal: the names of AWS's registries of images lead to MiniStack. Loopback stands for TLS.
const https = require('node:https');
const net = require('node:net');

const REGISTRIES = /^(\d+\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com|public\.ecr\.aws)$/;
const { createConnection } = https.Agent.prototype;
https.Agent.prototype.createConnection = function (options, listener) {
  return REGISTRIES.test(options.host)
    ? net.connect(Number(process.env.GATEWAY_PORT), '127.0.0.1')
    : createConnection.call(this, options, listener);
};
