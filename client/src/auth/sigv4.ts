import type { FetchLike } from '@modelcontextprotocol/client';
import { gatewayRegion } from 'stateful-mcp-contract';
import type { AwsCredentials, AwsCredentialSource } from '../common/aws-credentials';
import type { Endpoint } from '../common/endpoint';
import { StatefulMcpClientError } from '../common/errors';
import type { Auth } from './auth';
import { DefaultCredentials, GivenCredentials } from './default-credentials';

/** Options of `sigV4()`. */
export interface SigV4Options {
  /**
   * Region that signatures are made for.
   *
   * @default - that of the ARN or of the host of AgentCore, else `AWS_REGION` or `AWS_DEFAULT_REGION`
   */
  readonly region?: string;

  /**
   * Profile in the files of AWS.
   *
   * @default - `AWS_PROFILE`, else `default`
   */
  readonly profile?: string;

  /**
   * Credentials, or a function that is asked for them with each request.
   *
   * @default - the standard credential chain of AWS
   */
  readonly credentials?: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>);

  /**
   * Service that signatures are made for.
   *
   * @default 'bedrock-agentcore'
   */
  readonly service?: string;
}

/** Requests that are signed with AWS Signature Version 4: what a runtime with IAM takes. */
export interface SigV4Auth extends Auth {
  /** @internal */
  readonly credentials: AwsCredentialSource;
}

/** What tracing libraries, proxies and `fetch` itself add or change on the way must not break a signature. */
const UNSIGNED = new Set(['traceparent', 'tracestate', 'baggage', 'accept-encoding', 'content-length']);

/**
 * Signs every request with AWS Signature Version 4. Credentials are resolved for each request, so that those which
 * expire are replaced in time. When a request is refused (403), they are read anew; if they have changed, it is sent
 * once more.
 *
 * Calls fail with `ERR_CREDENTIALS` when there are no credentials.
 */
export function sigV4(options: SigV4Options = {}): SigV4Auth {
  if (options.profile !== undefined && options.credentials !== undefined) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      '`profile` and `credentials` of sigV4() are two places to take credentials from: pass one of them',
    );
  }
  const credentials =
    options.credentials === undefined
      ? new DefaultCredentials(options.profile, options.region)
      : new GivenCredentials(options.credentials);
  return {
    credentials,
    authorized: (fetch, endpoint) => signed(fetch, endpoint, credentials, options),
  };
}

function signed(fetch: FetchLike, endpoint: Endpoint, source: AwsCredentialSource, options: SigV4Options): FetchLike {
  const told = endpoint.runtime?.region ?? gatewayRegion(endpoint.url.hostname);
  const region = options.region ?? told ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      `\`region\` of sigV4() is needed for ${endpoint.url.href}, which does not say its region: pass it, or set AWS_REGION`,
    );
  }
  const scope = { region, service: options.service ?? 'bedrock-agentcore' };
  return async (url, init) => {
    const credentials = await source.current();
    const response = await fetch(url, await signedInit(url, init, credentials, scope));
    if (response.status !== 403) {
      return response;
    }
    // A refused request was not executed.
    const renewed = await source.renewed().catch(() => credentials);
    if (renewed.accessKeyId === credentials.accessKeyId && renewed.sessionToken === credentials.sessionToken) {
      return response;
    }
    await response.body?.cancel();
    return fetch(url, await signedInit(url, init, renewed, scope));
  };
}

async function signedInit(
  url: string | URL,
  init: RequestInit = {},
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  scope: { readonly region: string; readonly service: string },
): Promise<RequestInit> {
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
  ]);
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
  const query: Record<string, string[]> = {};
  for (const [name, value] of searchParams) {
    (query[name] ??= []).push(value);
  }
  const headers = Object.fromEntries(new Headers(init.headers));
  delete headers.authorization;
  const request = await new SignatureV4({
    ...scope,
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
  }).sign(
    {
      method: init.method ?? 'GET',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: pathname,
      query,
      headers: { ...headers, host },
      body: init.body,
    },
    { unsignableHeaders: UNSIGNED },
  );
  const signedHeaders = new Headers(request.headers);
  // `fetch` writes it itself.
  signedHeaders.delete('host');
  return { ...init, headers: signedHeaders };
}
