import {
  discoverAuthorizationServerMetadata,
  extractWWWAuthenticateParams,
  type FetchLike,
} from '@modelcontextprotocol/client';
import { reportText, type CheckFinding } from 'stateful-mcp-contract';
import { isPrivateWay } from '../common/endpoint';
import type { CheckedWay } from './checked-way';
import { SHORT_TIMEOUT_MS } from './era-session';
import { isBeforeTheServer } from './judge';
import type { Transcript } from './transcript';

const PING = JSON.stringify({ jsonrpc: '2.0', id: 'check', method: 'ping' });

/** A JSON Web Token of nobody, which no key has signed. */
const WRONG_TOKEN = [{ alg: 'RS256', kid: 'nobody' }, { iss: 'https://nobody.invalid', sub: 'nobody', exp: 1 }, 'x']
  .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.');

/** Whether a server that takes tokens refuses callers without one, and tells them where tokens are to be had. */
export async function checkRefusedCallers(way: CheckedWay, transcript: Transcript): Promise<CheckFinding[]> {
  const missing = await refusal(way, { check: 'missing-token', transcript });
  const wrong = await refusal(way, { check: 'wrong-token', transcript, token: WRONG_TOKEN });
  return [missing.finding, wrong.finding, ...(await metadataFindings(way, missing.challenge))];
}

interface Refusal {
  readonly finding: CheckFinding;
  /** The challenge of a caller that was refused. */
  readonly challenge?: { readonly metadataUrl?: URL };
}

async function refusal(
  { bareFetch, endpoint }: CheckedWay,
  { check, transcript, token }: { check: string; transcript: Transcript; token?: string },
): Promise<Refusal> {
  const expected = 'HTTP 401, and a challenge that names the metadata of the resource';
  transcript.add(`→ ping (${check})`);
  let response: Response;
  try {
    response = await bareFetch(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: PING,
      signal: AbortSignal.timeout(SHORT_TIMEOUT_MS),
    });
  } catch (error) {
    return { finding: { check, verdict: 'inconclusive', expected, got: `no answer (${reportText(String(error))})` } };
  }
  await response.body?.cancel();
  const { status } = response;
  transcript.add(`← HTTP ${status} to ping (${check})`);
  if (isBeforeTheServer(status, endpoint.runtime !== undefined)) {
    return { finding: { check, verdict: 'inconclusive', expected, got: `HTTP ${status}` } };
  }
  // RFC 6750: a token that is refused may also be told so by 403.
  if (status !== 401 && !(status === 403 && token !== undefined)) {
    return { finding: { check, verdict: 'fail', expected, got: `HTTP ${status}` } };
  }
  const { resourceMetadataUrl } = extractWWWAuthenticateParams(response);
  const isChallenged = status === 403 || /^bearer\b/i.test(response.headers.get('www-authenticate') ?? '');
  return isChallenged
    ? { finding: { check, verdict: 'pass' }, challenge: { metadataUrl: resourceMetadataUrl } }
    : { finding: { check, verdict: 'fail', expected, got: `HTTP ${status} without the challenge \`Bearer\`` } };
}

/** Whether the metadata that the challenge names leads to an authorization server. */
async function metadataFindings(way: CheckedWay, challenge: Refusal['challenge']): Promise<CheckFinding[]> {
  if (challenge === undefined) {
    return [];
  }
  const check = 'token-metadata';
  const expected = 'metadata of the resource that names an authorization server, which describes itself';
  const failed = (got: string): CheckFinding[] => [{ check, verdict: 'fail', expected, got }];
  const { metadataUrl } = challenge;
  if (metadataUrl === undefined) {
    return failed('a challenge without `resource_metadata`');
  }
  if (!isPrivateWay(metadataUrl)) {
    return failed('`resource_metadata` with an address that is not https');
  }
  const down: string[] = [];
  const fetch = watched(way.bareFetch, down);
  try {
    const servers = await authorizationServers(fetch, metadataUrl);
    for (const server of servers ?? []) {
      const metadata = await discoverAuthorizationServerMetadata(server, { fetchFn: fetch });
      if (metadata?.token_endpoint !== undefined) {
        return [{ check, verdict: 'pass' }];
      }
    }
    const got =
      servers === undefined ? 'none' : `${servers.length} authorization servers, none of which describes itself`;
    return down.length > 0 ? [{ check, verdict: 'inconclusive', expected, got: down.join(', ') }] : failed(got);
  } catch (error) {
    const got = down.length > 0 ? down.join(', ') : reportText(error instanceof Error ? error.message : String(error));
    return [{ check, verdict: down.length > 0 ? 'inconclusive' : 'fail', expected, got }];
  }
}

async function authorizationServers(fetch: FetchLike, url: URL): Promise<string[] | undefined> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) {
    throw new Error(`HTTP ${response.status} from the metadata of the resource`);
  }
  const { authorization_servers: servers } = (await response.json()) as { authorization_servers?: unknown };
  return Array.isArray(servers) && servers.length > 0 ? servers.map(String) : undefined;
}

/** Notes who was down: nothing was learned of the server then. */
function watched(fetch: FetchLike, down: string[]): FetchLike {
  return async (url, init) => {
    const { host } = new URL(url);
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(SHORT_TIMEOUT_MS) });
      if (isBeforeTheServer(response.status, true)) {
        down.push(`HTTP ${response.status} from ${host}`);
      }
      return response;
    } catch (error) {
      down.push(`no answer from ${host}`);
      throw error;
    }
  };
}
