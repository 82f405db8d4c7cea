/** The endpoint that AgentCore Runtime gives every runtime and moves to each new version. */
export const DEFAULT_ENDPOINT = 'DEFAULT';
