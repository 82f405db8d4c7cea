// The local runtime
export { LocalRuntime, type RuntimeDescription } from './local-runtime';
export type { LocalRuntimeDefinition, LocalRuntimeOptions } from './options';
export type { ListenOptions, LocalRuntimeListener } from './listener';
// Sessions and their log
export type { SessionDescription } from './session';
export type { SessionLog, SessionLogEntry } from './process-output';
export type { LocalRuntimeEventEmitter, LocalRuntimeEvents, SessionStartedEvent, SessionStopReason, SessionStoppedEvent } from './events';
// Tables
export type { TableDescription } from './embedded-tables';
// Time
export { ManualClock, systemClock, type Clock, type ClockTimer } from './clock';
// Errors
export { LocalRuntimeError, type LocalRuntimeErrorCode, type LocalRuntimeErrorOptions, type StartFailure } from './errors';
