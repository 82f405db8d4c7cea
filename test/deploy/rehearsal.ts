import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { LocalRuntime, type LocalArtifact, type SessionLogEntry } from 'stateful-mcp-local';
import { reservePort, type PortReservation } from '../../local/src/machine/free-port';
import { cdkCommand, type CdkOutcome } from './cdk-command';
import type { PermissionRecord } from './permission-record';

const START_SCRIPT = path.join(__dirname, 'ministack', 'start.py');
/** It starts in 2 s on a machine with nothing else to do. */
const LONGEST_START_MS = 60_000;
const POLL_MS = 50;

/**
 * A cloud on this machine: MiniStack for CloudFormation, IAM, Lambda and S3, and the local runtime for AgentCore. The
 * CDK's own command deploys to it.
 */
export class Rehearsal {
  private constructor(
    public readonly runtime: LocalRuntime,
    /** Where AgentCore is reached without MiniStack in between: what users call. */
    public readonly dataPlane: string,
    /** Where all of AWS is reached, with signatures and policies checked. */
    public readonly cloud: string,
    /** Lines of the servers. */
    public readonly serverLog: readonly SessionLogEntry[],
    private readonly directory: string,
    private readonly reservation: PortReservation,
    private readonly ministack: ChildProcess,
    private readonly ministackLog: readonly string[],
  ) {}

  public static async start(): Promise<Rehearsal> {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-deploy-'));
    const reservation = await reservePort();
    // By name: an S3 bucket is reached as a subdomain, which a number cannot have.
    const cloud = `http://localhost:${reservation.port}`;
    const code = path.join(directory, 'code');
    const serverLog: SessionLogEntry[] = [];
    const runtime = new LocalRuntime({
      artifacts: unpackedArtifacts(code),
      environment: {
        AWS_ENDPOINT_URL: cloud,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${cloud}/_rehearsal/server-credentials`,
      },
      log: entry => serverLog.push(entry),
    });
    await runtime.ready;
    const { url } = await runtime.listen();
    const ministack = spawn('python3', [START_SCRIPT], {
      env: {
        PATH: process.env.PATH,
        TMPDIR: directory,
        HOME: directory,
        PYTHONDONTWRITEBYTECODE: '1',
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(reservation.port),
        LOG_LEVEL: 'WARNING',
        AUTH: 'true',
        ...ROOT_CREDENTIALS,
        STATEFUL_MCP_LOCAL_RUNTIME_URL: url,
        REHEARSAL_CODE_DIRECTORY: code,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ministackLog: string[] = [];
    for (const stream of [ministack.stdout, ministack.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => ministackLog.push(text));
    }
    const rehearsal = new Rehearsal(runtime, url, cloud, serverLog, directory, reservation, ministack, ministackLog);
    try {
      await rehearsal.answers();
      await rehearsal.cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`);
    } catch (error) {
      await rehearsal.close();
      throw error;
    }
    return rehearsal;
  }

  /** Runs the CDK's command and expects it to succeed. */
  public async cdk(...args: string[]): Promise<CdkOutcome> {
    const outcome = await this.cdkAttempt(...args);
    if (outcome.exitCode !== 0) {
      throw new Error(`cdk ${args.join(' ')}: ${outcome.output}\n${this.ministackLog.join('').slice(-4000)}`);
    }
    return outcome;
  }

  /** Runs the CDK's command, however it ends. */
  public cdkAttempt(...args: string[]): Promise<CdkOutcome> {
    return cdkCommand(args, {
      directory: this.directory,
      environment: { AWS_ENDPOINT_URL: this.cloud, AWS_REGION: REGION, ...ROOT_CREDENTIALS },
    });
  }

  /** Deploys a cloud assembly, and expects that to succeed. */
  public deploy(assembly: string): Promise<CdkOutcome> {
    return this.cdk(...deployment(assembly));
  }

  /** Deploys a cloud assembly, however that ends. */
  public deployAttempt(assembly: string): Promise<CdkOutcome> {
    return this.cdkAttempt(...deployment(assembly));
  }

  public async destroy(assembly: string): Promise<void> {
    await this.cdk('destroy', '--app', assembly, '--all', '--force');
  }

  /** What IAM decided until now, and which policies there are. */
  public async permissions(): Promise<PermissionRecord> {
    const response = await fetch(`${this.cloud}/_rehearsal/permissions`);
    return (await response.json()) as PermissionRecord;
  }

  /** The control plane of AgentCore, without MiniStack in between. */
  public get controlPlane(): BedrockAgentCoreControlClient {
    return new BedrockAgentCoreControlClient({
      endpoint: this.dataPlane,
      region: REGION,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'rehearsal' },
    });
  }

  public async close(): Promise<void> {
    if (this.ministack.exitCode === null) {
      this.ministack.kill();
      await once(this.ministack, 'exit');
    }
    await this.runtime.close();
    this.reservation.release();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const giveUpAt = Date.now() + LONGEST_START_MS;
    for (;;) {
      const answered = await fetch(`${this.cloud}/_ministack/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (answered) {
        return;
      }
      if (this.ministack.exitCode !== null || Date.now() > giveUpAt) {
        throw new Error(`MiniStack did not start: ${this.ministackLog.join('')}`);
      }
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  }
}

function deployment(assembly: string): readonly string[] {
  return ['deploy', '--app', assembly, '--all', '--require-approval', 'never', '--progress', 'events'];
}

export const REGION = 'us-east-1';
/** The one of the ARNs that the local control plane makes. */
export const ACCOUNT = '000000000000';
/** MiniStack takes the number of an account for the key of its root user. */
export const ROOT_CREDENTIALS = { AWS_ACCESS_KEY_ID: ACCOUNT, AWS_SECRET_ACCESS_KEY: 'rehearsal' };

/** Where the code of an artifact is after MiniStack has unpacked it, which is only known when it has. */
function unpackedArtifacts(code: string): Record<string, LocalArtifact> {
  return new Proxy<Record<string, LocalArtifact>>(
    {},
    {
      get: (_target, uri) =>
        typeof uri === 'string' && uri.startsWith('s3://')
          ? { directory: path.join(code, uri.slice('s3://'.length)) }
          : undefined,
    },
  );
}
