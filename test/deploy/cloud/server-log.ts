import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  ListAgentRuntimeEndpointsCommand,
  ListAgentRuntimesCommand,
  type BedrockAgentCoreControlClient,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { LocalRuntime, SessionLogEntry } from 'stateful-mcp-local';

/** AgentCore makes streams by the day and the microVM. */
const STREAM = '[runtime-logs]rehearsal';
const BATCH_MS = 200;

interface Line {
  readonly timestamp: number;
  readonly message: string;
  readonly runtimeName: string;
  /** Version of the session that wrote it; `undefined` of a server that has none, since it did not start. */
  readonly version: string | undefined;
}

/**
 * What AgentCore does with the lines of a server: it writes them, with the role of the server, into a log group of the
 * endpoint.
 */
export class ServerLog {
  private waiting: Line[] = [];
  private readonly created = new Set<string>();
  /** Endpoint that users reached each version through; their sessions keep it when the endpoint moves on. */
  private readonly endpointOfVersion = new Map<string, string>();
  private readonly timer = setInterval(() => void this.flush(), BATCH_MS);
  private flushing: Promise<void> = Promise.resolve();

  /** @param client - with the permissions of the server's role */
  public constructor(
    private readonly runtime: LocalRuntime,
    private readonly controlPlane: BedrockAgentCoreControlClient,
    private readonly client: CloudWatchLogsClient,
  ) {}

  public write({ runtimeName, sessionId, stream, line }: SessionLogEntry): void {
    if (stream !== 'runtime') {
      const version = this.runtime.sessions().find(session => session.sessionId === sessionId)?.version;
      this.waiting.push({ timestamp: Date.now(), message: line, runtimeName, version });
    }
  }

  public async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flushing;
    this.client.destroy();
    this.controlPlane.destroy();
  }

  private flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const lines = this.waiting;
      this.waiting = [];
      for (const [runtimeName, ofRuntime] of groups(lines, line => line.runtimeName)) {
        // A server that is being deleted may have no role any more.
        await this.put(runtimeName, ofRuntime).catch(() => {});
      }
    });
    return this.flushing;
  }

  private async put(runtimeName: string, lines: readonly Line[]): Promise<void> {
    const { agentRuntimes = [] } = await this.controlPlane.send(new ListAgentRuntimesCommand({}));
    const found = agentRuntimes.find(({ agentRuntimeName }) => agentRuntimeName === runtimeName);
    if (found === undefined) {
      return;
    }
    const { agentRuntimeId } = found;
    const { runtimeEndpoints = [] } = await this.controlPlane.send(
      new ListAgentRuntimeEndpointsCommand({ agentRuntimeId }),
    );
    for (const { name, liveVersion } of runtimeEndpoints) {
      if (name !== undefined && name !== 'DEFAULT' && liveVersion !== undefined) {
        this.endpointOfVersion.set(`${agentRuntimeId} ${liveVersion}`, name);
      }
    }
    // Which of two endpoints of one version a session is of is not known: users' lines must not be in the log of a check.
    const endpointOf = ({ version }: Line): string =>
      this.endpointOfVersion.get(`${agentRuntimeId} ${version}`) ?? 'DEFAULT';
    for (const [endpoint, logEvents] of groups(lines, endpointOf)) {
      const logGroupName = `/aws/bedrock-agentcore/runtimes/${agentRuntimeId}-${endpoint}`;
      await this.create(logGroupName);
      await this.client.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName: STREAM,
          logEvents: logEvents.map(({ timestamp, message }) => ({ timestamp, message })),
        }),
      );
    }
  }

  private async create(logGroupName: string): Promise<void> {
    if (this.created.has(logGroupName)) {
      return;
    }
    await unlessThere(this.client.send(new CreateLogGroupCommand({ logGroupName })));
    await unlessThere(this.client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: STREAM })));
    this.created.add(logGroupName);
  }
}

function groups(lines: readonly Line[], keyOf: (line: Line) => string): Map<string, readonly Line[]> {
  const found = new Map<string, readonly Line[]>();
  for (const line of lines) {
    found.set(keyOf(line), [...(found.get(keyOf(line)) ?? []), line]);
  }
  return found;
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) {
      throw error;
    }
  }
}
