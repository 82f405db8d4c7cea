/**
 * More than this many layers cannot be mounted:
 * https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-troubleshooting.html
 */
export const MAX_LAYERS = 52;

/** 2 GB for an image: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html */
export const MAX_IMAGE_BYTES = 2 * 1024 ** 3;
