import { StatefulMcpClientError } from '../common/errors';

/** Where the data plane of AgentCore is in each partition. */
const SUFFIXES: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
};

/** `arn:PARTITION:bedrock-agentcore:REGION:ACCOUNT:runtime/ID`, that of an endpoint with more behind it. */
const RUNTIME =
  /^arn:([a-z-]+):bedrock-agentcore:([a-z0-9-]+):(\d{12}):runtime\/([A-Za-z][A-Za-z0-9_]*-[A-Za-z0-9]+)(?:\/(?:runtime-)?endpoint\/([A-Za-z][A-Za-z0-9_]*))?$/;
const QUALIFIER = /^(?:[A-Za-z][A-Za-z0-9_]{0,47}|[1-9]\d{0,4})$/;

/** How to find the data plane, beyond what the ARN says. */
export interface RuntimeUrlOptions {
  readonly qualifier?: string;
  /** Where the data plane is, for a local runtime or a VPC endpoint. */
  readonly endpointUrl?: string;
}

/**
 * The invocation URL of a runtime.
 *
 * @throws StatefulMcpClientError `ERR_INVALID_TARGET`, `ERR_INVALID_OPTION`
 */
export function runtimeUrl(arn: string, { qualifier, endpointUrl }: RuntimeUrlOptions): URL {
  const [, partition = '', region, account, id, endpointName] = RUNTIME.exec(arn) ?? [];
  if (id === undefined) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_TARGET',
      `"${arn}" is not the ARN of an AgentCore runtime: pass arn:aws:bedrock-agentcore:REGION:ACCOUNT:runtime/ID, or that of one of its endpoints`,
    );
  }
  if (qualifier !== undefined && !QUALIFIER.test(qualifier)) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      `\`qualifier\` is "${qualifier}": pass the name of an endpoint (letters, digits and _, from a letter on) or a version`,
    );
  }
  if (qualifier !== undefined && endpointName !== undefined && qualifier !== endpointName) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      `\`qualifier\` is "${qualifier}", but the ARN is that of the endpoint "${endpointName}": pass one of the two`,
    );
  }
  const suffix = SUFFIXES[partition];
  const origin = endpointUrl ?? environmentEndpoint() ?? (suffix && `https://bedrock-agentcore.${region}.${suffix}`);
  if (!origin) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_TARGET',
      `the data plane in the partition "${partition}" is not known: pass the invocation URL instead of the ARN`,
    );
  }
  if (!URL.canParse(origin) || !/^https?:$/.test(new URL(origin).protocol)) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      `\`endpointUrl\` is "${origin}": pass an \`http:\` or \`https:\` URL`,
    );
  }
  const runtime = encodeURIComponent(`arn:${partition}:bedrock-agentcore:${region}:${account}:runtime/${id}`);
  const url = new URL(`${origin.replace(/\/+$/, '')}/runtimes/${runtime}/invocations`);
  url.searchParams.set('qualifier', qualifier ?? endpointName ?? 'DEFAULT');
  return url;
}

/** As in the AWS SDKs: one for the service, or one for all of them. */
function environmentEndpoint(): string | undefined {
  if (process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') {
    return undefined;
  }
  return process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE || process.env.AWS_ENDPOINT_URL || undefined;
}
