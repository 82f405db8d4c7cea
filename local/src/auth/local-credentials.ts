/** AWS credentials that exist on this machine alone. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /**
   * Session token of temporary credentials.
   *
   * @default - long-lived credentials, without one
   */
  readonly sessionToken?: string;
  /**
   * Whether they may name a user (`bedrock-agentcore:InvokeAgentRuntimeForUser`).
   *
   * @default true
   */
  readonly mayNameUser?: boolean;
}
