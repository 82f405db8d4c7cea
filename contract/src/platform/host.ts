const PLATFORM_HOST = /^bedrock-agentcore(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

/** The region at whose data plane AgentCore itself answers by this name; `undefined` for any other host. */
export function platformRegion(hostname: string): string | undefined {
  return PLATFORM_HOST.exec(hostname)?.[1];
}

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-target-http-runtime.html */
const GATEWAY_HOST = /^[^.]+\.gateway\.bedrock-agentcore\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

/** The region of the AgentCore gateway with this name; `undefined` for any other host. */
export function gatewayRegion(hostname: string): string | undefined {
  return GATEWAY_HOST.exec(hostname)?.[1];
}
