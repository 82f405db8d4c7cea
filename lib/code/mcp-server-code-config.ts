import type { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';

/**
 * The code of a server in the form in which a runtime is created from it.
 */
export interface McpServerCodeConfig {
  /**
   * The code for the L2 construct of the runtime. It is bound at once, and what it grants the role of the server goes
   * into the server's own policy.
   */
  readonly artifact: AgentRuntimeArtifact;

  /**
   * The image that the server runs from.
   *
   * @default - the code is not in an image
   */
  readonly imageUri?: string;

  /**
   * The server's own repository.
   *
   * @default - it has none
   */
  readonly repository?: IRepository;

  /**
   * Environment variables that the code needs. Those of the server (`environment`) win.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Whether the server is written with `stateful-mcp-server`, or in Python with `stateful-mcp-fastmcp`, and therefore
   * needs a key for its request state.
   *
   * @default false
   */
  readonly usesServerKit?: boolean;

  /**
   * Whether the server sends spans of its own to Amazon CloudWatch, and may therefore set a policy on its log group.
   *
   * @default false
   */
  readonly sendsSpans?: boolean;
}
