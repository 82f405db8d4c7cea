import { connect, sigV4, type StatefulMcpClient } from 'stateful-mcp-client';
import { ROOT_CREDENTIALS } from '../cloud/cloud';

const EVERY_MS = 100;
/** Of so many calls, one is the first one of a session that is new. */
const NEW_SESSION_EVERY = 30;

/** A call that came to nothing. */
export interface FailedCall {
  readonly afterMs: number;
  readonly error: string;
}

/**
 * Users of an endpoint: one whose session lasts for the whole time, and others who come and go. There is a call every
 * 100 ms, whether or not the one before has ended.
 */
export class SteadyCaller {
  public readonly failed: FailedCall[] = [];
  /** Versions of the server that new sessions got, in their order, each once until it changes. */
  public readonly met: string[] = [];
  public calls = 0;

  private readonly startedAt = Date.now();
  private readonly running = new Set<Promise<void>>();
  private readonly timer = setInterval(() => {
    this.call();
  }, EVERY_MS);

  private constructor(
    private readonly open: () => Promise<StatefulMcpClient>,
    private readonly lasting: StatefulMcpClient,
  ) {}

  public static async start(target: string, qualifier: string, endpointUrl: string): Promise<SteadyCaller> {
    const auth = sigV4({ credentials: ROOT_CREDENTIALS });
    const open = (): Promise<StatefulMcpClient> => connect({ target, qualifier, endpointUrl, auth });
    return new SteadyCaller(open, await open());
  }

  /** Ends when the last call has. */
  public async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.running);
    await this.lasting.endSession();
  }

  private call(): void {
    const comesNew = ++this.calls % NEW_SESSION_EVERY === 0;
    const call = (comesNew ? this.comeAndGo() : this.lasting.listTools().then(() => {}))
      .catch((error: unknown) => {
        this.failed.push({ afterMs: Date.now() - this.startedAt, error: String(error) });
      })
      .finally(() => this.running.delete(call));
    this.running.add(call);
  }

  private async comeAndGo(): Promise<void> {
    const client = await this.open();
    try {
      const version = client.serverInfo?.version ?? 'none';
      if (this.met.at(-1) !== version) {
        this.met.push(version);
      }
      const { isError, content } = await client.callTool('generate_report', { userAlias: 'ada' });
      if (isError) {
        throw new Error(JSON.stringify(content));
      }
    } finally {
      await client.endSession();
    }
  }
}
