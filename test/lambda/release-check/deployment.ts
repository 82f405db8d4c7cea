import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
  BedrockAgentCoreControlClient,
  ListAgentRuntimeEndpointsCommand,
  type CreateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { CheckDefinition } from 'stateful-mcp-contract';
import { LocalRuntime, type LocalRuntimeOptions } from 'stateful-mcp-local';
import type {
  ReleaseCheckProperties,
  ReleaseRecord,
  ReleaseWatchEvent,
} from '../../../lib/private/release/release-check-contract';
import type { CustomResourceEvent } from '../../../lambda/common/cloudformation-response';
import { createHandler } from '../../../lambda/release-check';
import type { ReleaseEvent } from '../../../lambda/release-check/release';
import { SETTINGS, type ReleaseCheckSettings } from '../../../lambda/release-check/settings';
import { CREDENTIALS } from '../../local/aws-clients';
import { endpointReady, roleArn, settled } from '../../local/control-plane/planes';
import { AwsServices } from './aws-services';

export const ENDPOINT = 'live';
const RECORD = '/stateful-mcp/expenses';

/** A conversation that uses what makes the server stateful. */
export const CHECK: CheckDefinition = {
  tools: ['add_expense', 'list_expenses'],
  conversations: [
    {
      tool: 'add_expense',
      elicitation: [{ accept: { amount: 12 } }],
      progress: { atLeast: 2 },
      result: { text: 'added 12' },
    },
  ],
};

/** One session is enough where the conversation does not matter. */
export const SHORT_CHECK: CheckDefinition = { sessions: false, tools: ['add_expense', 'list_expenses'] };

/** Nothing is tried for long. */
export const QUICK: ReleaseCheckSettings = {
  ...SETTINGS,
  retries: { attempts: 2, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 },
  denialPausesMs: [1],
  connectTimeoutMs: 20_000,
  reservedMs: 1_000,
};

/** What CloudFormation was told. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** A deployment that releases a server: planes of AgentCore, other services of AWS, and CloudFormation's end. */
export class Deployment {
  public readonly services = new AwsServices();
  public readonly told: Told[] = [];
  /** What CloudFormation answers, each once, before it takes a response. */
  public readonly refusals: number[] = [];
  public control!: BedrockAgentCoreControlClient;
  public runtime!: LocalRuntime;
  public runtimeArn = '';
  private runtimeId = '';
  private prefix = ASSET;
  private readonly logged: string[] = [];
  private readonly cloudFormation = createServer((request, response) => {
    void text(request).then(body => {
      const refusal = this.refusals.shift();
      if (refusal === undefined) {
        this.told.push(JSON.parse(body) as Told);
      }
      response.writeHead(refusal ?? 200).end();
    });
  });

  /** Starts everything but a runtime. */
  public async start(options: Partial<LocalRuntimeOptions> = {}): Promise<void> {
    this.runtime = new LocalRuntime({
      artifacts: artifacts(),
      pooledProcesses: 0,
      credentials: [CREDENTIALS],
      ...options,
    });
    const { url } = await this.runtime.listen();
    await this.services.start();
    this.cloudFormation.listen(0, '127.0.0.1');
    await once(this.cloudFormation, 'listening');
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: url,
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: url,
    });
    for (const method of ['log', 'warn', 'error'] as const) {
      jest.spyOn(console, method).mockImplementation((...line: unknown[]) => {
        this.logged.push(line.join(' '));
      });
    }
    this.control = new BedrockAgentCoreControlClient({ endpoint: url, region: 'us-east-1', credentials: CREDENTIALS });
  }

  /** Ends everything. */
  public async close(): Promise<void> {
    this.control.destroy();
    await this.runtime.close();
    await this.services.close();
    this.cloudFormation.closeAllConnections();
    this.cloudFormation.close();
    await once(this.cloudFormation, 'close');
  }

  /** All that the function wrote into its log. */
  public get log(): string {
    return this.logged.join('\n');
  }

  /** Makes a runtime, or another version of it; each has a program of its own. */
  public async publish(
    environmentVariables: Readonly<Record<string, string>> = {},
    more: Partial<CreateAgentRuntimeCommandInput> = {},
  ): Promise<void> {
    const input = {
      agentRuntimeArtifact: artifact(this.prefix),
      roleArn,
      protocolConfiguration: { serverProtocol: 'MCP' as const },
      environmentVariables,
      ...more,
    };
    if (this.runtimeId === '') {
      const created = await this.control.send(
        new CreateAgentRuntimeCommand({ agentRuntimeName: 'expenses', ...input }),
      );
      this.runtimeId = created.agentRuntimeId ?? '';
      this.runtimeArn = created.agentRuntimeArn ?? '';
    } else {
      await this.settled();
      await this.control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId: this.runtimeId, ...input }));
    }
  }

  /** Makes a version with members that the SDK does not know, and so drops. */
  public async publishRaw(environmentVariables: object, more: object): Promise<void> {
    await this.settled();
    const body = JSON.stringify({
      agentRuntimeArtifact: artifact(this.prefix),
      roleArn,
      environmentVariables,
      ...more,
    });
    const url = `${process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL}/runtimes/${this.runtimeId}/`;
    const response = await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
    expect(response.status).toBe(202);
  }

  /** Has the next versions be made of another artifact. */
  public useArtifact(prefix: string): void {
    this.prefix = prefix;
  }

  /** Waits until no version is on its way any more. */
  public async settled(): Promise<void> {
    await settled(this.control, this.runtimeId);
  }

  /** Makes or moves the endpoint that users call. */
  public async promote(agentRuntimeVersion: string): Promise<void> {
    const agentRuntimeId = this.runtimeId;
    await this.settled();
    const { runtimeEndpoints = [] } = await this.control.send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId }));
    await (runtimeEndpoints.some(({ name }) => name === ENDPOINT)
      ? this.control.send(
          new UpdateAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: ENDPOINT, agentRuntimeVersion }),
        )
      : this.control.send(
          new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: ENDPOINT, agentRuntimeVersion }),
        ));
    await endpointReady(this.control, agentRuntimeId, ENDPOINT);
  }

  /** What the construct gives to CloudFormation, and CloudFormation to the function. */
  public event(version: string, change: EventChange = {}): CustomResourceEvent {
    const { check = CHECK, properties, ...more } = change;
    return {
      RequestType: 'Create',
      ResponseURL: `http://127.0.0.1:${(this.cloudFormation.address() as AddressInfo).port}/presigned?X-Amz-Signature=1`,
      StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/test/1',
      RequestId: 'request-1',
      LogicalResourceId: 'ReleaseCheck',
      ResourceProperties: {
        runtimeArn: this.runtimeArn,
        version,
        stage: 'candidate',
        endpointName: ENDPOINT,
        check: JSON.stringify(check),
        onInconclusive: 'fail',
        callers: [{ kind: 'iam' }],
        recordName: RECORD,
        ...properties,
      },
      ...more,
    };
  }

  /** Has AWS Lambda call the function, and gives what CloudFormation was told last. */
  public async invoke(
    event: ReleaseEvent | ReleaseWatchEvent,
    { settings, remainingMs = 900_000 }: { settings?: Partial<ReleaseCheckSettings>; remainingMs?: number } = {},
  ): Promise<Told> {
    const end = Date.now() + remainingMs;
    await createHandler({ ...QUICK, ...settings })(event, {
      awsRequestId: 'invocation-1',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:release-check',
      logGroupName: '/aws/lambda/release-check',
      logStreamName: '2026/11/28/[$LATEST]1',
      getRemainingTimeInMillis: () => end - Date.now(),
    });
    return this.told.at(-1) as Told;
  }

  /** Checks a version, and gives what CloudFormation is told. */
  public check(version: string, change: EventChange = {}): Promise<Told> {
    return this.invoke(this.event(version, change));
  }

  /** The record of what was verified. */
  public get record(): ReleaseRecord {
    return JSON.parse(this.services.parameters.get(RECORD) ?? 'null') as ReleaseRecord;
  }
}

type EventChange = Partial<Omit<CustomResourceEvent, 'ResourceProperties'>> & {
  readonly check?: CheckDefinition;
  readonly properties?: Partial<ReleaseCheckProperties>;
};

/** An asset of the CDK, which is named by its content. */
const ASSET = `${'0123456789abcdef'.repeat(4)}.zip`;

function artifact(prefix: string): CreateAgentRuntimeCommandInput['agentRuntimeArtifact'] {
  const code = { s3: { bucket: 'assets', prefix } };
  return { codeConfiguration: { code, runtime: 'NODE_22', entryPoint: ['checked-server.mjs'] } };
}

function artifacts(): LocalRuntimeOptions['artifacts'] {
  const directory = path.join(__dirname, 'fixtures');
  const command: [string, string] = [process.execPath, path.join(directory, 'checked-server.mjs')];
  return Object.fromEntries([ASSET, 'server.zip'].map(prefix => [`s3://assets/${prefix}`, { directory, command }]));
}
