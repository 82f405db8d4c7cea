// The local runtime
export { LocalRuntime, type RuntimeChange, type RuntimeDescription } from './local-runtime';
export type { LocalRuntimeDefinition, LocalRuntimeOptions } from './options';
export type { LeftOutRuntime } from './left-out-runtime';
export type { ListenOptions, LocalRuntimeListener } from './listener';
// What AgentCore does and allows
export { PLATFORM_SETTING_VALUES, type PlatformSettings } from './platform-settings';
export type { Quotas, RequestLimits } from './limits';
export type { RuntimeProtocol, RuntimeSource } from './runtime-definition';
export type { SessionResources } from './session-resources';
// Callers
export type { AuthScope, LocalCredentials } from './inbound-auth';
export type { CustomClaim, JwtAuthorizer } from './jwt-authorizer';
// The control plane
export type { LocalArtifact } from './control-plane/artifacts';
// Sessions and their log
export type { SessionDescription } from './session-description';
export type { SessionCost } from './session-cost';
export type { SessionLog, SessionLogEntry } from './process-output';
export type { LocalRuntimeEventEmitter, LocalRuntimeEvents, SessionStartedEvent, SessionStopReason, SessionStoppedEvent, VersionPublishedEvent } from './events';
// For tests
export type { Faults, FaultScope } from './faults';
export type { LoggedEvent } from './event-log';
// Tables
export type { TableDescription } from './embedded-tables';
// Time
export { ManualClock, systemClock, type Clock, type ClockTimer } from './clock';
// Errors
export { LocalRuntimeError, type LocalRuntimeErrorCode, type LocalRuntimeErrorOptions, type StartFailure } from './errors';
