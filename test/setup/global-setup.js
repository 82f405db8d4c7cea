const { create } = require('./temporary-directory');

module.exports = () => {
  // What the AWS SDK says of Node.js 20 is about no test.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  create();
};
