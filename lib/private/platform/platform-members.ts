import { Annotations, Stack, Token, type Size } from 'aws-cdk-lib';
import type { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import type { ServingProps } from './serving-problems';

/** What the L2 construct does not know in all versions that are supported. */
export interface PlatformMembers extends ServingProps {
  readonly platformVersion?: { readonly value: string };
  readonly minimumMemory?: Size;
}

/**
 * Where V2 was announced: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html,
 * 18 September 2026. A later copy may name more, so that a warning has to do.
 */
const V2_REGIONS = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'ap-northeast-1'];

/** What the service would refuse of them, beside where a server is called. */
export function memberProblems({
  platformVersion,
  minimumMemory,
}: Pick<PlatformMembers, 'platformVersion' | 'minimumMemory'>): string[] {
  const version = platformVersion?.value;
  const problems: string[] = [];
  if (version !== undefined && !Token.isUnresolved(version) && !/^\S{1,128}$/.test(version)) {
    problems.push(
      `\`platformVersion\` is ${JSON.stringify(version.slice(0, 140))}; 1 to 128 characters without a blank are allowed: use \`McpPlatformVersion.V1\` or \`V2\``,
    );
  }
  if (minimumMemory !== undefined && !minimumMemory.isUnresolved()) {
    const mebibytes = minimumMemory.toKibibytes() / 1024;
    if (!Number.isInteger(mebibytes) || mebibytes < 1) {
      problems.push(`\`minimumMemory\` is ${mebibytes} MiB; whole MiB above 0 are allowed: round it`);
    }
  }
  return problems;
}

/**
 * Writes the members into the resource, by the names that CloudFormation has for them, or where it has none yet by those
 * of the service model in CloudFormation's spelling.
 */
export function writePlatformMembers(scope: Construct, resource: CfnRuntime, members: PlatformMembers): void {
  const { platformVersion, minimumMemory, port, path, allowedPorts, warmup } = members;
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-runtime.html
  override(resource, {
    PlatformVersion: platformVersion?.value,
    ResourceConfigurations: minimumMemory && [{ MinimumMemoryInMiB: minimumMemory.toMebibytes() }],
    HooksConfiguration: warmup && {
      Build: { Warmup: { Action: { HttpPost: { Path: warmup.path, Port: warmup.port } } } },
    },
  });
  // https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreateAgentRuntime.html
  override(resource, {
    ProtocolConfiguration:
      port === undefined && path === undefined ? undefined : { ServerProtocol: 'MCP', Port: port, Path: path },
    AllowedPorts: allowedPorts?.map(({ from, to }) =>
      from === to ? { Port: from } : { PortRange: { From: from, To: to } },
    ),
  });
  warnOfUndocumented(scope, members);
  warnOfRegion(scope, platformVersion?.value);
}

function override(resource: CfnRuntime, properties: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) {
      resource.addPropertyOverride(name, value);
    }
  }
}

function warnOfUndocumented(scope: Construct, { port, path, allowedPorts }: PlatformMembers): void {
  const props = Object.entries({ port, path, allowedPorts }).flatMap(([prop, value]) =>
    value === undefined ? [] : [`\`${prop}\``],
  );
  if (props.length > 0) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:undocumentedMember',
      `the reference of CloudFormation did not document ${props.join(', ')} on 13 November 2026, only that of the service: a deployment may be refused; acknowledge this once it works`,
    );
  }
}

function warnOfRegion(scope: Construct, version: string | undefined): void {
  const { region } = Stack.of(scope);
  if (version === 'V2' && !Token.isUnresolved(region) && !V2_REGIONS.includes(region)) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:platformVersionRegion',
      `\`platformVersion\` is V2, which was announced for ${V2_REGIONS.join(', ')}, and the stack is in ${region}: see whether the Region has it by now, and acknowledge this`,
    );
  }
}
