// Where the program runs: in an account, or on this machine, where everything but AWS itself is rehearsed.
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Auth } from 'stateful-mcp-client';
import { arnOutput, SERVERS, STACKS, type ServerKind, type StackKind } from '../app/names';
import type { ControlPlane } from '../wire/control-plane';
import type { Address } from '../wire/raw-server';
import type { AwsConfiguration } from './aws-configuration';
import { Leftovers } from './leftovers';

/** What this bed has not, and why: an experiment that needs it tells so, and is not broken. */
export class NotHere extends Error {}

/** Clients of the authorization server. */
export interface TokenClients {
  readonly tokenEndpoint: string;
  readonly scope: string;
  /** One that the server lets in. */
  readonly machine: { readonly id: string; readonly secret: string };
  /** One that it does not. */
  readonly stranger: { readonly id: string; readonly secret: string };
}

export interface DeployedStack {
  readonly outputs: Readonly<Record<string, string>>;
  /** Why it was not deployed. */
  readonly failure?: string;
  readonly milliseconds: number;
}

const FAILED = /FAILED$/;
const ROLLED_BACK_WITH = /cancelled|The following resource\(s\) failed/i;

export abstract class Bed {
  public abstract readonly name: string;
  public abstract readonly rehearsal: boolean;
  /** Clocks of the platform run so many times as fast. */
  public abstract readonly timesAsFast: number;
  /** `undefined` for that of the Region. */
  public abstract readonly endpointUrl: string | undefined;
  public abstract readonly aws: AwsConfiguration;
  /** Signs as the one who runs this. */
  public abstract readonly signer: Auth;
  public abstract readonly controlPlane: ControlPlane;
  /** What must not be in a report. */
  public abstract readonly secrets: readonly string[];

  protected readonly stacks = new Map<StackKind, DeployedStack>();

  protected constructor(
    /** What the tag of everything says. */
    public readonly run: string,
  ) {}

  /** Makes ready what is needed before there are stacks. Nothing is made in an account. */
  public abstract start(): Promise<void>;

  /** Signs as somebody else of the same account, who may call the obedient server. */
  public abstract other(): Promise<Auth>;

  public abstract tokenClients(): Promise<TokenClients>;

  /**
   * Shows the token of a person who has signed in.
   *
   * @throws NotHere where nobody signs in
   */
  public abstract person(server: Address): Promise<Auth>;

  /** Ends what `start` has begun. */
  public abstract close(): Promise<void>;

  protected abstract deployStack(kind: StackKind, signal: AbortSignal): Promise<void>;

  /** Deploys a stack. A failure is kept: servers of it are not there, and some questions want to know why. */
  public async deploy(kind: StackKind, signal: AbortSignal): Promise<DeployedStack> {
    const startedAt = Date.now();
    let failure: string | undefined;
    try {
      await this.deployStack(kind, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = (await this.failureOf(kind)) ?? String(error);
    }
    const outputs = failure === undefined ? await this.outputsOf(kind) : {};
    const deployed = { outputs, milliseconds: Date.now() - startedAt, ...(failure !== undefined && { failure }) };
    this.stacks.set(kind, deployed);
    return deployed;
  }

  /** @throws NotHere where it was not deployed */
  public stack(kind: StackKind): DeployedStack {
    const stack = this.stacks.get(kind);
    if (stack === undefined) {
      throw new NotHere(`the stack ${STACKS[kind]} is not deployed here`);
    }
    return stack;
  }

  /** Where a server is, for the one who runs this. */
  public address(kind: ServerKind): Address {
    const { outputs, failure } = this.stack(SERVERS[kind]);
    const arn = outputs[arnOutput(kind)];
    if (arn === undefined) {
      throw new NotHere(`the stack of the server \`${kind}\` was not deployed: ${failure ?? 'it has no such output'}`);
    }
    return { arn, endpointUrl: this.endpointUrl, auth: this.signer };
  }

  /** Seconds of AgentCore, in ms of this bed. */
  public milliseconds(seconds: number): number {
    return (seconds * 1_000) / this.timesAsFast;
  }

  /** Lines that a server has written with a word in them, and the streams that they are in. */
  public async logLines(runtimeId: string, word: string): Promise<{ stream: string; line: string }[]> {
    const client = new CloudWatchLogsClient(this.aws);
    try {
      const { events = [] } = await client.send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/bedrock-agentcore/runtimes/${runtimeId}-DEFAULT`,
          ...(word && { filterPattern: `"${word}"` }),
        }),
      );
      return events.map(({ logStreamName = '', message = '' }) => ({ stream: logStreamName, line: message.trim() }));
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') {
        return [];
      }
      throw error;
    } finally {
      client.destroy();
    }
  }

  public get leftovers(): Leftovers {
    return new Leftovers(this.aws, this.controlPlane);
  }

  private async outputsOf(kind: StackKind): Promise<Record<string, string>> {
    return this.cloudFormation(async client => {
      const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: STACKS[kind] }));
      return Object.fromEntries(
        (stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
          OutputKey.replace(/^Integ/, ''),
          OutputValue,
        ]),
      );
    });
  }

  /** The first reason in the events of a stack. */
  private async failureOf(kind: StackKind): Promise<string | undefined> {
    return this.cloudFormation(async client => {
      const { StackEvents: events = [] } = await client.send(
        new DescribeStackEventsCommand({ StackName: STACKS[kind] }),
      );
      const reasons = events
        .filter(({ ResourceStatus = '', ResourceStatusReason = '' }) => {
          return FAILED.test(ResourceStatus) && !ROLLED_BACK_WITH.test(ResourceStatusReason);
        })
        .map(({ ResourceType, ResourceStatusReason }) => `${ResourceType}: ${ResourceStatusReason}`);
      return reasons.at(-1);
    }).catch(() => undefined);
  }

  private async cloudFormation<T>(ask: (client: CloudFormationClient) => Promise<T>): Promise<T> {
    const client = new CloudFormationClient(this.aws);
    try {
      return await ask(client);
    } finally {
      client.destroy();
    }
  }
}
