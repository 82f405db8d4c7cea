/** Seconds after which an idle session of the runtime ends: its `idleRuntimeSessionTimeout`. */
export const IDLE_TIMEOUT_VARIABLE = 'STATEFUL_MCP_IDLE_TIMEOUT_SECONDS';

/** Seconds that a session of the runtime lives at most: its `maxLifetime`. */
export const MAX_LIFETIME_VARIABLE = 'STATEFUL_MCP_MAX_LIFETIME_SECONDS';

/** The key, or two keys during a rotation, that request state is signed or encrypted with. */
export const REQUEST_STATE_KEY_VARIABLE = 'STATEFUL_MCP_REQUEST_STATE_KEY';

/** How much a server logs. */
export const LOG_LEVEL_VARIABLE = 'STATEFUL_MCP_LOG_LEVEL';

/** Where the session storage of a runtime is on a laptop, where nothing can be mounted at its own path. */
export const SESSION_STORAGE_VARIABLE = 'STATEFUL_MCP_SESSION_STORAGE';

/**
 * Where each file system of a session is on a laptop, its session storage included: JSON, with the mount paths as names
 * and directories as values.
 */
export const MOUNTS_VARIABLE = 'STATEFUL_MCP_MOUNTS';

/** Port that a server of the kit listens on, where `serve()` is given none. */
export const PORT_VARIABLE = 'PORT';

/** Path at which a server of the kit serves MCP, where `serve()` is given none. */
export const PATH_VARIABLE = 'STATEFUL_MCP_PATH';
