// The local runtime
export { LocalRuntime, type RuntimeDescription } from './local-runtime';
export type { RuntimeChange } from './runtime-publisher';
export type { LocalRuntimeOptions } from './options';
export type { LocalRuntimeDefinition } from './definitions/command-definition';
export type { LeftOutRuntime } from './definitions/left-out-runtime';
export type { ListenOptions, LocalRuntimeListener } from './http/listener';
// What AgentCore does and allows
export { PLATFORM_SETTING_VALUES, type PlatformSettings } from './platform/platform-settings';
export type { Quotas, RequestLimits } from './platform/limits';
export type { PortRange, RuntimeProtocol, RuntimeSource, WarmupHook } from './model/runtime-definition';
export type { SessionResources } from './platform/session-resources';
// Callers
export type { AuthScope } from './auth/inbound-auth';
export type { LocalCredentials } from './auth/local-credentials';
export type { CustomClaim, JwtAuthorizer } from './model/jwt-authorizer';
// The control plane
export type { LocalArtifact } from './control-plane/artifacts';
// Sessions and their log
export type { SessionDescription } from './session/session-description';
export type { SessionCost } from './platform/session-cost';
export type { SessionLog, SessionLogEntry } from './process/process-output';
export type {
  LocalRuntimeEventEmitter,
  LocalRuntimeEvents,
  SessionStartedEvent,
  SessionStopReason,
  SessionStoppedEvent,
  VersionPublishedEvent,
} from './events/events';
// For tests
export type { Faults, FaultScope } from './data-plane/faults';
export type { LoggedEvent, UnloggedEvent } from './events/event-log';
// Tables
export type { TableDescription } from './definitions/embedded-tables';
// Time
export { ManualClock, systemClock, type Clock, type ClockTimer } from './common/clock';
// Errors
export {
  LOCAL_RUNTIME_ERRORS,
  LocalRuntimeError,
  type LocalRuntimeErrorCode,
  type LocalRuntimeErrorOptions,
  type StartFailure,
} from './common/errors';
