/**
 * Set to `true`, it keeps the AWS SDK from warning about versions of Node.js that its later versions will not support.
 */
export const SDK_WARNING_SWITCH = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
