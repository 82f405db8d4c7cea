/** Idle timeout of a runtime that names none: "Configure lifecycle settings" of the AgentCore developer guide. */
export const DEFAULT_IDLE_TIMEOUT_SECONDS = 900;

/** Max lifetime of a runtime that names none: the same page. */
export const DEFAULT_MAX_LIFETIME_SECONDS = 28_800;

/** The shortest of both: `LifecycleConfiguration` in the service model of CreateAgentRuntime. */
export const SHORTEST_LIFECYCLE_SECONDS = 60;

/** The longest of both on any compute, 14 days: the same shape. */
export const LONGEST_LIFECYCLE_SECONDS = 1_209_600;

/** The longest of both in a microVM, 8 hours: the page of the defaults. */
export const LONGEST_MICROVM_SECONDS = 28_800;
