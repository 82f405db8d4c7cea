import { parse } from 'node:querystring';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { LocalCredentials, LocalRuntimeOptions } from 'stateful-mcp-local';
import { CREDENTIALS } from '../aws-clients';
import { startRuntime, type Started } from '../running';

export const OTHER = { accessKeyId: 'AKIDOTHER', secretAccessKey: 'other-secret' };
export const BODY = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'describe' } });

export interface Signed extends Started {
  readonly arn: string;
  readonly path: string;
}

export async function start(options: Partial<LocalRuntimeOptions> = {}): Promise<Signed> {
  const started = await startRuntime({ credentials: [CREDENTIALS, OTHER], ...options });
  const [{ arn = '', invocationPath = '' } = {}] = started.runtime.runtimes;
  return { ...started, arn, path: invocationPath };
}

/** Why requests were refused, oldest first. */
export const reasons = ({ runtime }: Started): (string | undefined)[] =>
  runtime.eventLog.flatMap(event => ('error' in event && event.error ? [event.error.message] : []));

export interface SigningChanges {
  readonly credentials?: LocalCredentials;
  readonly date?: Date;
  readonly region?: string;
  readonly service?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** What is sent instead of the `Authorization` that was made. */
  readonly authorization?: (made: string) => string;
  /** Whether the request says the hash of its body, as the signers of some SDKs leave out; true when left out. */
  readonly hashesBody?: boolean;
  /** Headers that are sent but not signed. */
  readonly unsigned?: readonly string[];
  /** Headers that are signed, although the SDK for JavaScript would leave them out. */
  readonly signable?: readonly string[];
  /** Where it is sent instead of the URL that was signed. */
  readonly to?: (signed: string) => string;
  /** What is sent instead of a body that is a text. */
  readonly stream?: ReadableStream;
}

/** Signs a request, and sends it with other headers or another body when those are to be different. */
export async function send({ url, path }: Signed, signing?: SigningChanges, sent?: SigningChanges): Promise<Response> {
  const request = await signedRequest(`${url}${path}`, signing, sent);
  return fetch(request.url, request.init);
}

/** A signed request, and what of it is sent. */
export async function signedRequest(
  url: string,
  {
    credentials = CREDENTIALS,
    date = new Date(),
    region = 'us-east-1',
    service = 'bedrock-agentcore',
    headers: added = {},
    body,
    unsigned = [],
    signable,
    hashesBody = true,
  }: SigningChanges = {},
  sent: SigningChanges = {},
): Promise<{ url: string; init: RequestInit }> {
  const { host, pathname, search } = new URL(url);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: hashesBody });
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: host,
      path: pathname,
      query: parse(search.slice(1)) as Record<string, string>,
      body: body ?? BODY,
      headers: { host, 'content-type': 'application/json', ...added },
    },
    {
      signingDate: date,
      unsignableHeaders: new Set(unsigned),
      ...(signable && { signableHeaders: new Set(signable) }),
    },
  );
  const headers = {
    ...signed.headers,
    ...(sent.authorization && { authorization: sent.authorization(signed.headers['authorization'] ?? '') }),
    ...sent.headers,
  };
  return {
    url: sent.to?.(url) ?? url,
    init: { method: 'POST', headers, body: sent.stream ?? sent.body ?? body ?? BODY, duplex: 'half' } as RequestInit,
  };
}
