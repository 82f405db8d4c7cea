import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { reservePort, type PortReservation } from '../../../local/src/machine/free-port';

const START_SCRIPT = path.join(__dirname, '..', 'ministack', 'start.py');
const AWS_REGISTRIES = path.join(__dirname, '..', 'images', 'aws-registries.cjs');
/** It starts in 2 s on a machine with nothing else to do. */
const LONGEST_START_MS = 60_000;
const POLL_MS = 50;

export const REGION = 'us-east-1';
/** The one of the ARNs that the local control plane makes. */
export const ACCOUNT = '000000000000';
/** MiniStack takes the number of an account for the key of its root user. */
export const ROOT_CREDENTIALS = { accessKeyId: ACCOUNT, secretAccessKey: 'rehearsal' };
export const ROOT_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: ROOT_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: ROOT_CREDENTIALS.secretAccessKey,
};

/** What MiniStack needs to know. */
export interface CloudOptions {
  /** Where it keeps its files. */
  readonly directory: string;
  /** Where it unpacks the code of servers. */
  readonly codeDirectory: string;
  /** Where AgentCore is. */
  readonly localRuntime: string;
  /** Whether signatures are checked and policies evaluated. */
  readonly iam: boolean;
  /** URL of the registry that is behind those of AWS. */
  readonly imageRegistry?: string;
}

/** A port for a cloud, which is told to others before it runs. */
export class Cloud {
  private readonly log: string[] = [];
  private process: ChildProcess | undefined;

  private constructor(
    private readonly reservation: PortReservation,
    public readonly url: string,
  ) {}

  public static async reserve(): Promise<Cloud> {
    const reservation = await reservePort();
    // By name: an S3 bucket is reached as a subdomain, which a number cannot have.
    return new Cloud(reservation, `http://localhost:${reservation.port}`);
  }

  public async start({ directory, codeDirectory, localRuntime, iam, imageRegistry }: CloudOptions): Promise<void> {
    const child = spawn('python3', [START_SCRIPT], {
      env: {
        PATH: process.env.PATH,
        TMPDIR: directory,
        HOME: directory,
        PYTHONDONTWRITEBYTECODE: '1',
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(this.reservation.port),
        LOG_LEVEL: 'WARNING',
        AUTH: String(iam),
        ...ROOT_ENVIRONMENT,
        STATEFUL_MCP_LOCAL_RUNTIME_URL: localRuntime,
        REHEARSAL_CODE_DIRECTORY: codeDirectory,
        ...(imageRegistry !== undefined && {
          REHEARSAL_IMAGE_REGISTRY_URL: imageRegistry,
          // Of the functions, which have its environment.
          NODE_OPTIONS: `--require ${JSON.stringify(AWS_REGISTRIES)}`,
        }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    }
    const giveUpAt = Date.now() + LONGEST_START_MS;
    while (!(await this.answers())) {
      if (child.exitCode !== null || Date.now() > giveUpAt) {
        throw new Error(`MiniStack did not start: ${this.lastWords}`);
      }
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  }

  /** The end of its log. */
  public get lastWords(): string {
    return this.log.join('').slice(-4000);
  }

  public async stop(): Promise<void> {
    if (this.process?.exitCode === null) {
      this.process.kill();
      await once(this.process, 'exit');
    }
    this.reservation.release();
  }

  private answers(): Promise<boolean> {
    return fetch(`${this.url}/_ministack/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
