// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
export const INVOKE_ACTIONS = ['bedrock-agentcore:InvokeAgentRuntime'];
export const INVOKE_FOR_USER_ACTIONS = [...INVOKE_ACTIONS, 'bedrock-agentcore:InvokeAgentRuntimeForUser'];
export const STOP_SESSION_ACTIONS = ['bedrock-agentcore:StopRuntimeSession'];

/** Of https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-session-endpoints.html */
export const SESSION_ENDPOINT_ACTIONS = ['bedrock-agentcore:InvokeAgentRuntimeProxy'];

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
export const MODEL_ACTIONS = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
