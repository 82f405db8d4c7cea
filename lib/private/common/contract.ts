// The copy of the workspace `contract` that jsii can compile; test/contract/copy-of-lib.test.ts compares the two.

/** Seconds after which an idle session of the runtime ends: its `idleRuntimeSessionTimeout`. */
export const IDLE_TIMEOUT_VARIABLE = 'STATEFUL_MCP_IDLE_TIMEOUT_SECONDS';

/** Seconds that a session of the runtime lives at most: its `maxLifetime`. */
export const MAX_LIFETIME_VARIABLE = 'STATEFUL_MCP_MAX_LIFETIME_SECONDS';

/** The key, or two keys during a rotation, that request state is signed or encrypted with. */
export const REQUEST_STATE_KEY_VARIABLE = 'STATEFUL_MCP_REQUEST_STATE_KEY';

/** Metadata of a runtime's resource in the template: the program that its image starts. */
export const PROGRAM_METADATA_KEY = 'cdk-stateful-mcp:program';

/** Type of the metadata of a runtime in the cloud assembly, beside the template: what its bundle was made from. */
export const SOURCE_METADATA_TYPE = 'cdk-stateful-mcp:source';

/** Idle timeout of a runtime that names none: "Configure lifecycle settings" of the AgentCore developer guide. */
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 900;

/** Max lifetime of a runtime that names none: the same page. */
export const DEFAULT_MAX_LIFETIME_SECONDS = 28_800;

/** The shortest of both: `LifecycleConfiguration` in the service model of CreateAgentRuntime. */
export const SHORTEST_LIFECYCLE_SECONDS = 60;

/** The longest of both in a microVM, 8 hours: the page of the defaults. */
export const LONGEST_MICROVM_SECONDS = 28_800;

/** CreateAgentRuntime, `agentRuntimeName`. */
export const RUNTIME_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;
