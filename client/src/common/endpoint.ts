import { isLoopback, platformRegion } from 'stateful-mcp-contract';

/** Where a server is, and what is known of it before the first request. */
export interface Endpoint {
  /** The URL that MCP requests go to. */
  readonly url: URL;
  /** What it is on Amazon Bedrock AgentCore Runtime, or on a local one; `undefined` elsewhere. */
  readonly runtime?: RuntimeEndpoint;
}

/** An endpoint of a runtime of Amazon Bedrock AgentCore. */
export interface RuntimeEndpoint {
  /** The ARN, or the id where the URL has no ARN. */
  readonly runtime: string;
  /** Name of the endpoint. */
  readonly qualifier: string;
  /** `undefined` where neither ARN nor host says it. */
  readonly region: string | undefined;
  /** Where `StopRuntimeSession` is called. */
  readonly stopUrl: URL;
}

const INVOCATIONS = /^(.*\/runtimes\/([^/]+)\/)invocations\/?$/;

/** What the URL itself says of the server behind it. */
export function endpointOf(url: URL): Endpoint {
  const [, parent, escaped] = INVOCATIONS.exec(url.pathname) ?? [];
  if (parent === undefined || escaped === undefined) {
    return { url };
  }
  const stopUrl = new URL(url);
  stopUrl.pathname = `${parent}stopruntimesession`;
  const runtime = decoded(escaped);
  return {
    url,
    runtime: {
      runtime,
      qualifier: url.searchParams.get('qualifier') ?? 'DEFAULT',
      region: /^arn:[^:]+:bedrock-agentcore:([^:]+):/.exec(runtime)?.[1] ?? platformRegion(url.hostname),
      stopUrl,
    },
  };
}

/** Whether AgentCore itself answers at a host, which lets nobody in without credentials. */
export function isPlatformHost(hostname: string): boolean {
  return platformRegion(hostname) !== undefined;
}

/** Whether credentials may travel to a URL: by TLS, or within this machine. */
export function isPrivateWay({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
