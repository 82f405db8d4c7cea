/** What AgentCore says of a runtime (GetAgentRuntime); the members that are looked at. */
export interface RuntimeFacts {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeName: string;
  readonly agentRuntimeVersion: string;
  readonly status: string;
  readonly failureReason?: string;
  readonly roleArn: string;
  readonly agentRuntimeArtifact?: {
    readonly containerConfiguration?: { readonly containerUri: string };
    readonly codeConfiguration?: { readonly runtime?: string };
  };
  readonly networkConfiguration: {
    readonly networkMode: string;
    readonly networkModeConfig?: {
      readonly subnets?: readonly string[];
      readonly securityGroups?: readonly string[];
    };
  };
  readonly lifecycleConfiguration?: {
    readonly idleRuntimeSessionTimeout?: number;
    readonly maxLifetime?: number;
  };
  readonly protocolConfiguration?: {
    readonly serverProtocol?: string;
    readonly port?: number;
    readonly path?: string;
  };
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly authorizerConfiguration?: {
    readonly customJWTAuthorizer?: {
      readonly discoveryUrl: string;
      readonly allowedAudience?: readonly string[];
      readonly allowedClients?: readonly string[];
      readonly allowedScopes?: readonly string[];
    };
  };
  readonly metadataConfiguration?: { readonly requireMMDSV2?: boolean };
  readonly platformVersion?: string;
  readonly capacityProviderConfiguration?: { readonly capacityProviderArn?: string };
  readonly hooksConfiguration?: {
    readonly build?: {
      readonly warmup?: {
        readonly action?: { readonly httpPost?: { readonly path?: string; readonly port?: number } };
      };
    };
  };
}

/** What AgentCore says of an endpoint (GetAgentRuntimeEndpoint). */
export interface EndpointFacts {
  readonly name: string;
  readonly status: string;
  readonly liveVersion?: string;
  readonly targetVersion?: string;
  readonly failureReason?: string;
}
