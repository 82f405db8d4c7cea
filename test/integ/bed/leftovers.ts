// What a run has made, found again by tag and name: to remove it, and to see that nothing is left.
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateDescribeStacks,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { PREFIX, STACKS, TAG } from '../app/names';
import type { ControlPlane } from '../wire/control-plane';
import type { AwsConfiguration } from './aws-configuration';

export interface Leftover {
  readonly kind: 'stack' | 'runtime' | 'log group';
  readonly name: string;
}

const LOG_GROUPS = `/aws/bedrock-agentcore/runtimes/${PREFIX}_`;
const POLL_MS = 1_000;
const LONGEST_DELETION_MS = 30 * 60_000;
/** The first deletion of a stack may meet what is still in use. */
const ATTEMPTS = 2;

export class Leftovers {
  public constructor(
    private readonly aws: AwsConfiguration,
    private readonly controlPlane: ControlPlane,
  ) {}

  public async list(): Promise<Leftover[]> {
    const [stacks, runtimes, logGroups] = await Promise.all([
      this.stacks(),
      this.controlPlane.find(`${PREFIX}_`),
      this.logGroups(),
    ]);
    return [
      ...stacks.map(name => ({ kind: 'stack' as const, name })),
      ...runtimes.map(name => ({ kind: 'runtime' as const, name })),
      ...logGroups.map(name => ({ kind: 'log group' as const, name })),
    ];
  }

  /** Removes all of it. @returns what could not be removed */
  public async remove(say: (line: string) => void): Promise<string[]> {
    const problems: string[] = [];
    const attempt = async (what: string, action: () => Promise<void>): Promise<void> => {
      await action().then(
        () => say(`removed ${what}`),
        (error: unknown) => void problems.push(`${what}: ${String(error)}`),
      );
    };
    const stacks = await this.stacks();
    await Promise.all(stacks.map(name => attempt(`stack ${name}`, () => this.deleteStack(name))));
    // What experiments have made by the control plane, and what a failed deployment has left.
    const runtimes = await this.controlPlane.find(`${PREFIX}_`);
    await Promise.all(runtimes.map(id => attempt(`runtime ${id}`, () => this.controlPlane.remove(id))));
    // AgentCore makes them, with the first session: no stack has them.
    for (const name of await this.logGroups()) {
      await attempt(`log group ${name}`, () => this.deleteLogGroup(name));
    }
    return problems;
  }

  /** By the tag, and in case that a stack has none, by the name. */
  private async stacks(): Promise<string[]> {
    const client = new CloudFormationClient(this.aws);
    const names: readonly string[] = Object.values(STACKS);
    const found: string[] = [];
    try {
      for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client }, {})) {
        for (const { StackName: name = '', StackStatus: status, Tags: tags = [] } of stacks) {
          if ((names.includes(name) || tags.some(({ Key }) => Key === TAG)) && status !== 'DELETE_COMPLETE') {
            found.push(name);
          }
        }
      }
      return found;
    } finally {
      client.destroy();
    }
  }

  private async deleteStack(name: string): Promise<void> {
    const client = new CloudFormationClient(this.aws);
    const giveUpAt = Date.now() + LONGEST_DELETION_MS;
    try {
      for (let attempts = 1; ; attempts += 1) {
        await client.send(new DeleteStackCommand({ StackName: name }));
        const status = await this.settled(client, name, giveUpAt);
        if (status === undefined) {
          return;
        }
        if (attempts === ATTEMPTS) {
          throw new Error(`it is ${status}`);
        }
      }
    } finally {
      client.destroy();
    }
  }

  /** @returns `undefined` once it is gone */
  private async settled(client: CloudFormationClient, name: string, giveUpAt: number): Promise<string | undefined> {
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
      const status = await client.send(new DescribeStacksCommand({ StackName: name })).then(
        ({ Stacks: stacks = [] }) => stacks[0]?.StackStatus,
        (error: unknown) => {
          if (/does not exist/.test(String(error))) {
            return undefined;
          }
          throw error;
        },
      );
      if (status === undefined || status === 'DELETE_COMPLETE') {
        return undefined;
      }
      if (!status.endsWith('IN_PROGRESS') || Date.now() > giveUpAt) {
        return status;
      }
    }
  }

  private async logGroups(): Promise<string[]> {
    const client = new CloudWatchLogsClient(this.aws);
    const found: string[] = [];
    try {
      for await (const { logGroups = [] } of paginateDescribeLogGroups(
        { client },
        { logGroupNamePrefix: LOG_GROUPS },
      )) {
        found.push(...logGroups.map(({ logGroupName = '' }) => logGroupName));
      }
      return found;
    } finally {
      client.destroy();
    }
  }

  private async deleteLogGroup(logGroupName: string): Promise<void> {
    const client = new CloudWatchLogsClient(this.aws);
    try {
      await client.send(new DeleteLogGroupCommand({ logGroupName }));
    } finally {
      client.destroy();
    }
  }
}
