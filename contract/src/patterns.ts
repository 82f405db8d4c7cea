/** CreateAgentRuntime, `agentRuntimeName`. */
export const RUNTIME_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;

/** CreateAgentRuntime, `filesystemConfigurations`: where session storage is mounted. */
export const STORAGE_PATH = /^\/mnt\/[a-zA-Z0-9._-]+\/?$/;

/** CreateAgentRuntime, `discoveryUrl`; both forms since November 2026. */
export const DISCOVERY_URL = /^[^\s?#]+\/\.well-known\/(openid-configuration|oauth-authorization-server)(\/[^\s?#]+)?$/;
