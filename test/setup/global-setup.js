const { create } = require('./temporary-directory');

module.exports = () => {
  // What the AWS SDK says of Node.js 20 is about no test.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  // Node.js reads these certificates at each start, and no test leaves this machine: 50 ms for each of some thousand
  // processes.
  delete process.env.NODE_EXTRA_CA_CERTS;
  create();
};
