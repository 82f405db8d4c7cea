// What two packages must agree on. It is bundled into each, so that nobody installs it; `lib` keeps a copy, since jsii
// compiles its own sources alone, and a test compares the two.

// Environment variables of a server
export {
  IDLE_TIMEOUT_VARIABLE,
  LOG_LEVEL_VARIABLE,
  MAX_LIFETIME_VARIABLE,
  PATH_VARIABLE,
  PORT_VARIABLE,
  REQUEST_STATE_KEY_VARIABLE,
  MOUNTS_VARIABLE,
  SESSION_STORAGE_VARIABLE,
} from './environment-variables';
// Releases
export { RELEASE_RECORD_PREFIX } from './release-record';
// Metadata of a cloud assembly
export { PROGRAM_METADATA_KEY, SOURCE_METADATA_TYPE } from './assembly-metadata';
// Sessions
export {
  DEFAULT_IDLE_TIMEOUT_SECONDS,
  DEFAULT_MAX_LIFETIME_SECONDS,
  LONGEST_LIFECYCLE_SECONDS,
  LONGEST_MICROVM_SECONDS,
  SHORTEST_LIFECYCLE_SECONDS,
} from './lifecycle';
// Ports and paths
export {
  DEFAULT_MCP_PATH,
  DEFAULT_MCP_PORT,
  HEALTH_PATH,
  HIGHEST_SERVER_PORT,
  HOOK_PATH,
  LONGEST_WARMUP_MS,
  LOWEST_SERVER_PORT,
  MOST_ALLOWED_PORTS,
  RESERVED_SERVER_PORT,
  SERVER_PATH,
  WARMUP_PATH,
} from './serving';
// Names and places
export { DISCOVERY_URL, RUNTIME_NAME, STORAGE_PATH } from './patterns';
// Container images
export { IMAGE_DIGEST, IMAGE_TAG, REPOSITORY_NAME } from './image-reference';
// Headers
export {
  CUSTOM_HEADER_PREFIX,
  HEADER_NAME,
  LONGEST_HEADER_ALLOWLIST,
  MCP_PROTOCOL_VERSION,
  MCP_SESSION_ID,
  RESTRICTED_HEADERS,
  RUNTIME_REQUEST_ID,
  RUNTIME_SESSION_ID,
  RUNTIME_USER_ID,
} from './headers';
// The platform itself: its errors, addresses, prices and versions
export { PLATFORM_ERROR_CODES } from './platform/error-codes';
export { gatewayRegion, platformRegion } from './platform/host';
export { RUNTIME_PRICES } from './platform/prices';
export { ENVIRONMENT_BYTES, V2_REGIONS } from './platform/versions';
// Addresses
export { isLoopback } from './loopback';
// Processes of servers
export { PROCESS_META_KEY } from './process-mark';
// Scripted answers
export { indexOfAnswer, problemWithAnswers } from './check/scripted-answers';
// What a server has to do before it is released, and what came of it
export type {
  CheckAnswer,
  CheckConversation,
  CheckDefinition,
  CheckEra,
  CheckLatency,
  CheckProgress,
  CheckResult,
} from './check/check-definition';
export type {
  CheckFinding,
  CheckReport,
  CheckVerdict,
  ContractPrompt,
  ContractTool,
  ServerContract,
} from './check/check-report';
export { problemWithCheck } from './check/check-validation';
export { changeText, contractChanges, type ContractChange, type ContractChanges } from './check/contract-changes';
export { ConversationScript, sampleResult, UnscriptedError, type Unscripted } from './check/conversation-script';
export {
  DEFAULT_CONVERSATION_TIMEOUT_MS,
  holdConversation,
  within,
  type CheckedServer,
  type Judgement,
} from './check/conversations';
export { CheckDialogue } from './check/dialogue';
export { checkContract, checkConversations } from './check/check-run';
export { listedContract } from './check/listed-contract';
export { findingText, foldVerdicts, reportText } from './check/report-text';
export type { ToolOutcome } from './check/result-match';
// What programs of a user keep
export { stateDirectory } from './state-directory';
