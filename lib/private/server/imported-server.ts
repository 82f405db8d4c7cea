import { Arn, ArnFormat, Stack, Token, type ResourceEnvironment } from 'aws-cdk-lib';
import type { RuntimeReference } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { StatefulMcpServerMetrics } from '../../observability/stateful-mcp-server-metrics';
import { StatefulMcpServerGrants } from '../../stateful-mcp-server-grants';
import type { IStatefulMcpServer, StatefulMcpServerAttributes } from '../../stateful-mcp-server-ref';
import { refuse } from '../common/construct-error';
import { optional, options, text, type Kinds } from '../common/kinds';
import { invocationUrl, LIVE_ENDPOINT } from './invocation-url';

const ATTRIBUTES: Kinds<StatefulMcpServerAttributes> = { runtimeArn: text, endpointName: optional(text) };
const RUNTIME_ARN =
  /^arn:[a-z-]+:bedrock-agentcore:[a-z0-9-]+:[0-9]{12}:runtime\/[a-zA-Z][a-zA-Z0-9_]{0,47}-[a-zA-Z0-9]{10}$/;

/** A server that was deployed by another app, by the ARN of its runtime. */
export function importedServer(
  scope: Construct,
  id: string,
  attributes: StatefulMcpServerAttributes,
): IStatefulMcpServer {
  // eslint-disable-next-line cdk/no-variable-construct-id -- the caller gives it
  return new ImportedServer(scope, id, attributes);
}

class ImportedServer extends Construct implements IStatefulMcpServer {
  public readonly runtimeArn: string;
  public readonly runtimeId: string;
  public readonly url: string;
  public readonly grants: StatefulMcpServerGrants;
  public readonly metrics: StatefulMcpServerMetrics;
  public readonly env: ResourceEnvironment;
  public readonly runtimeRef: RuntimeReference;

  public constructor(scope: Construct, id: string, props: StatefulMcpServerAttributes) {
    super(scope, id);

    refuse(this, options(ATTRIBUTES, { nested: true })(props, 'attributes'));
    const { runtimeArn, endpointName = LIVE_ENDPOINT } = props;
    refuse(this, arnProblems(runtimeArn));
    const { region = '', account = '', resourceName = '' } = Arn.split(runtimeArn, ArnFormat.SLASH_RESOURCE_NAME);
    this.runtimeArn = runtimeArn;
    this.runtimeId = resourceName;
    const stack = Stack.of(this);
    // An alarm wants to know that its metrics are of its own Region.
    const isKnown = !Token.isUnresolved(runtimeArn);
    this.env = { region: isKnown ? region : stack.region, account: isKnown ? account : stack.account };
    this.runtimeRef = { agentRuntimeArn: runtimeArn, agentRuntimeId: resourceName };
    this.url = invocationUrl(this, runtimeArn, { region, endpointName });
    this.grants = StatefulMcpServerGrants.fromRuntime(this).forEndpoint(endpointName);
    this.metrics = StatefulMcpServerMetrics.fromRuntime(this).forEndpoint(endpointName);
  }
}

function arnProblems(runtimeArn: string): string[] {
  return Token.isUnresolved(runtimeArn) || RUNTIME_ARN.test(runtimeArn)
    ? []
    : [
        `\`attributes.runtimeArn\` is "${runtimeArn}"; the ARN of a runtime is allowed, ` +
          '`arn:aws:bedrock-agentcore:<region>:<account>:runtime/<id>`: give the one of the output or the console',
      ];
}
