// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html
export const INVOKE_ACTIONS = ['bedrock-agentcore:InvokeAgentRuntime'];
export const INVOKE_FOR_USER_ACTIONS = [...INVOKE_ACTIONS, 'bedrock-agentcore:InvokeAgentRuntimeForUser'];
export const STOP_SESSION_ACTIONS = ['bedrock-agentcore:StopRuntimeSession'];
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
export const MODEL_ACTIONS = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
