import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LocalRuntime, systemClock, type Clock, type LocalRuntimeOptions } from 'stateful-mcp-local';
import { unpackedArtifacts } from './artifacts';
import { cdkCommand, type CdkOutcome } from './cdk-command';
import { ACCOUNT, Cloud, REGION, ROOT_CREDENTIALS, ROOT_ENVIRONMENT } from './cloud';
import type { PermissionRecord } from '../permissions/permission-record';
import { ServerLog } from './server-log';

/** A server that never listens is given up after 6 s instead of 30. */
export const TIMES_AS_FAST = 5;
const QUICK_CLOCK: Clock = {
  now: () => systemClock.now(),
  setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / TIMES_AS_FAST),
};

/** How a client of the AWS SDK reaches the cloud of a rehearsal. */
export interface AwsAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What CloudWatch has of metrics and alarms. */
export interface Metrics {
  readonly values: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
  readonly alarms: readonly {
    readonly namespace: string;
    readonly metric: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly state: string;
  }[];
}

export interface RehearsalOptions {
  /**
   * Whether MiniStack evaluates policies. It knows one role of a server, so several servers need it off.
   *
   * @default true
   */
  readonly iam?: boolean;
  /**
   * URL of the registry that is behind those of AWS.
   *
   * @default - there are no images
   */
  readonly imageRegistry?: string;
  /**
   * Options of the local runtime, besides those that the rehearsal needs.
   *
   * @default - none
   */
  readonly runtime?: Pick<LocalRuntimeOptions, 'auth' | 'credentials' | 'limits' | 'resources' | 'settings'>;
}

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
    private readonly cloud: Cloud,
    private readonly serverLog: ServerLog,
    private readonly directory: string,
  ) {}

  public static async start({
    iam = true,
    imageRegistry,
    runtime: options = {},
  }: RehearsalOptions = {}): Promise<Rehearsal> {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-deploy-'));
    const codeDirectory = path.join(directory, 'code');
    const cloud = await Cloud.reserve();
    const runtime = new LocalRuntime({
      ...options,
      artifacts: unpackedArtifacts(codeDirectory),
      environment: {
        AWS_ENDPOINT_URL: cloud.url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${cloud.url}/_rehearsal/role-credentials`,
      },
      credentials: [ROOT_CREDENTIALS],
      clock: QUICK_CLOCK,
      log: entry => {
        serverLog.write(entry);
      },
    });
    await runtime.ready;
    const { url } = await runtime.listen();
    const serverLog = new ServerLog(runtime, controlPlaneAt(url), logsOfServer(cloud.url));
    const rehearsal = new Rehearsal(runtime, url, cloud, serverLog, directory);
    try {
      await cloud.start({ directory, codeDirectory, localRuntime: url, iam, imageRegistry });
      await rehearsal.cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`);
    } catch (error) {
      await rehearsal.close();
      throw error;
    }
    return rehearsal;
  }

  /** Where all of AWS is reached, as its root user: for clients of the AWS SDK. */
  public get aws(): AwsAccess {
    return { endpoint: this.cloud.url, region: REGION, credentials: ROOT_CREDENTIALS };
  }

  /** The control plane of AgentCore, without MiniStack in between. */
  public get controlPlane(): BedrockAgentCoreControlClient {
    return controlPlaneAt(this.dataPlane);
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
  public permissions(): Promise<PermissionRecord> {
    return this.ask('permissions');
  }

  public metrics(): Promise<Metrics> {
    return this.ask('metrics');
  }

  /** Has the time of all schedules come. @returns how many there are */
  public dueSchedules(): Promise<number> {
    return this.ask('due-schedules');
  }

  /** Those of a session of a role. */
  public credentialsOf(roleArn: string): Promise<RoleCredentials> {
    return roleCredentials(this.cloud.url, roleArn);
  }

  public async close(): Promise<void> {
    await this.serverLog.close();
    await this.cloud.stop();
    await this.runtime.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async ask<T>(what: string): Promise<T> {
    const response = await fetch(`${this.cloud.url}/_rehearsal/${what}`);
    if (!response.ok) {
      throw new Error(`${what}: ${await response.text()} ${this.cloud.lastWords}`);
    }
    return (await response.json()) as T;
  }

  /** Runs the CDK's command, and expects that to succeed. */
  public async cdk(...args: readonly string[]): Promise<CdkOutcome> {
    const outcome = await this.cdkAttempt(...args);
    if (outcome.exitCode !== 0) {
      throw new Error(`cdk ${args.join(' ')}: ${outcome.output}\n${this.cloud.lastWords}`);
    }
    return outcome;
  }

  private cdkAttempt(...args: readonly string[]): Promise<CdkOutcome> {
    return cdkCommand(args, {
      directory: this.directory,
      environment: { AWS_ENDPOINT_URL: this.cloud.url, AWS_REGION: REGION, ...ROOT_ENVIRONMENT },
    });
  }
}

function deployment(assembly: string): readonly string[] {
  return ['deploy', '--app', assembly, '--all', '--require-approval', 'never', '--progress', 'events'];
}

function controlPlaneAt(endpoint: string): BedrockAgentCoreControlClient {
  return new BedrockAgentCoreControlClient({ endpoint, region: REGION, credentials: ROOT_CREDENTIALS });
}

/** CloudWatch Logs, with the permissions of the server's role. */
function logsOfServer(endpoint: string): CloudWatchLogsClient {
  return new CloudWatchLogsClient({ endpoint, region: REGION, credentials: () => roleCredentials(endpoint) });
}

/** @param roleArn - the role, that of the server by default */
async function roleCredentials(endpoint: string, roleArn?: string): Promise<RoleCredentials> {
  const query = roleArn === undefined ? '' : `?role=${encodeURIComponent(roleArn)}`;
  const response = await fetch(`${endpoint}/_rehearsal/role-credentials${query}`);
  const { AccessKeyId, SecretAccessKey, Token } = (await response.json()) as Record<string, string>;
  return { accessKeyId: `${AccessKeyId}`, secretAccessKey: `${SecretAccessKey}`, sessionToken: `${Token}` };
}
