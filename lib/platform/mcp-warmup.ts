import { refuse } from '../private/common/construct-error';
import { optional, options as optionsOf, text, wholeNumber, type Kinds } from '../private/common/kinds';

/**
 * Where a server takes the request that warms it up.
 */
export interface HttpPostWarmupOptions {
  /**
   * The path that takes it, of 32 characters at most, which is neither that of MCP nor `/ping`.
   */
  readonly path: string;

  /**
   * The port that takes it.
   *
   * @default - the port of the server
   */
  readonly port?: number;
}

const OPTIONS: Kinds<HttpPostWarmupOptions> = { path: text, port: optional(wholeNumber) };

/**
 * How AgentCore Runtime warms a new version up, before it takes the snapshot that sessions start from.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-hooks.html
 */
export class McpWarmup {
  /**
   * By a request: a POST without a body that matters.
   *
   * @param options - where the server takes it
   */
  public static httpPost(options: HttpPostWarmupOptions): McpWarmup {
    refuse(undefined, optionsOf(OPTIONS, { nested: true })(options, 'warmup'));
    return new McpWarmup(options);
  }

  /**
   * Not at all, also where the server is written with `stateful-mcp-server`.
   */
  public static none(): McpWarmup {
    return new McpWarmup(undefined);
  }

  private constructor(private readonly options: HttpPostWarmupOptions | undefined) {}

  /**
   * The hook, if there is one.
   *
   * @internal
   */
  public get _hook(): HttpPostWarmupOptions | undefined {
    return this.options;
  }
}
