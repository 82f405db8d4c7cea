export { AllowedPort } from './platform/allowed-port';
export { BaseImage } from './packaging/base-image';
export type { BaseImageConfig } from './packaging/base-image-config';
export type { BundleCodeOptions } from './code/bundle-code-options';
export type { ICommandHooks } from './code/command-hooks';
export type { DockerfileCodeOptions } from './code/dockerfile-code-options';
export type { IFileUrl } from './code/file-url';
export type { DeploymentFunctionProps } from './deployment/deployment-function-props';
export { ImageAssembler, type ImageAssemblerProps } from './deployment/image-assembler';
export { ReleaseChecker, type ReleaseCheckerProps } from './deployment/release-checker';
export type { CognitoAuthOptions } from './auth/cognito-auth-options';
export type { JwtAuthOptions } from './auth/jwt-auth-options';
export { CognitoAuth, McpAuth } from './auth/mcp-auth';
export { McpHost } from './auth/mcp-host';
export { McpCapacityProvider } from './platform/mcp-capacity-provider';
export { McpNetwork } from './network/mcp-network';
export { McpValidations } from './validation/mcp-validations';
export { McpPlatformVersion } from './platform/mcp-platform-version';
export { McpServerCode } from './code/mcp-server-code';
export type { McpServerCodeConfig } from './code/mcp-server-code-config';
export { McpServerProgram } from './code/mcp-server-program';
export { Packaging, type ImagePackagingOptions } from './packaging/packaging';
export type { PythonCodeOptions } from './code/python-code-options';
export type { PythonStdioCodeOptions } from './code/python-stdio-code-options';
export { StatefulMcpServer } from './stateful-mcp-server';
export type { StatefulMcpServerProps } from './stateful-mcp-server-props';
export { StatefulMcpServerGrants } from './stateful-mcp-server-grants';
export { StatefulMcpServerMetrics } from './observability/stateful-mcp-server-metrics';
export type { StatefulMcpServerObservabilityProps } from './observability/stateful-mcp-server-observability-props';
export type { StatefulMcpServerPlatformProps } from './platform/stateful-mcp-server-platform-props';
export type { StdioCodeOptions } from './code/stdio-code-options';
export type { TypeScriptCodeOptions } from './code/typescript-code-options';
export type { VpcNetworkOptions } from './network/vpc-network-options';
export { McpWarmup, type HttpPostWarmupOptions } from './platform/mcp-warmup';
export { McpAlarms, type StandardAlarmsOptions } from './observability/mcp-alarms';
export { McpDashboard, type McpDashboardProps } from './observability/mcp-dashboard';
export { McpLogging, type StandardLoggingOptions } from './observability/mcp-logging';
export type { McpLoggingConfig } from './observability/mcp-logging-config';
export { TransactionSearch, type TransactionSearchProps } from './observability/transaction-search';
export { BedrockModelGrants } from './permissions/bedrock-model-grants';
export type { IStatefulMcpServer, StatefulMcpServerAttributes } from './stateful-mcp-server-ref';
export { McpStorage } from './storage/mcp-storage';
export type { McpStorageConfig } from './storage/mcp-storage-config';
export type { S3BucketMountOptions } from './storage/s3-bucket-mount-options';
export type { StatefulMcpServerStorageProps } from './storage/stateful-mcp-server-storage-props';
export type { GatewayTargetOptions } from './gateway/gateway-target-options';
export { McpCanary } from './gateway/mcp-canary';
export type { McpCanaryProps } from './gateway/mcp-canary-props';
export { McpCheck } from './release/mcp-check';
export { McpCheckAnswer } from './release/mcp-check-answer';
export {
  McpEra,
  type McpCheckConversation,
  type McpCheckLatency,
  type McpCheckOptions,
  type McpCheckProgress,
  type McpCheckResult,
} from './release/mcp-check-options';
export { McpCheckReply } from './release/mcp-check-reply';
export { McpRelease } from './release/mcp-release';
export {
  McpReleaseCaller,
  type ClientCredentialsCallerOptions,
  type UserPoolClientCallerOptions,
} from './release/mcp-release-caller';
export type { McpReleaseConfig, McpReleaseContext } from './release/mcp-release-config';
export { McpInconclusive, type VerifiedReleaseOptions } from './release/verified-release-options';
