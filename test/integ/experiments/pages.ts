// What the documentation says today: the pages themselves, and the newest packages.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NotHere } from '../bed/bed';
import type { Asking } from '../questions/question';

const run = promisify(execFile);
const GUIDE = 'https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide';
const MOST_CHARACTERS = 6_000;
const TIMEOUT_MS = 20_000;

function needsInternet({ bed }: Asking): void {
  if (bed.rehearsal) {
    throw new NotHere('a rehearsal asks nobody outside of this machine');
  }
}

/** The part of a page of the developer guide that a heading begins, as text. */
export function excerpt(html: string, heading: RegExp): string | undefined {
  const text = html
    .replaceAll(/<(script|style)[^]*?<\/\1>/g, '')
    .replaceAll(/<(h[1-6]|p|li|tr|pre|table)\b[^>]*>/g, '\n')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/&lt;/g, '<')
    .replaceAll(/&gt;/g, '>')
    .replaceAll(/&quot;/g, '"')
    .replaceAll(/&amp;/g, '&')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/\s*\n\s*/g, '\n');
  const start = text.search(heading);
  return start === -1 ? undefined : text.slice(start, start + MOST_CHARACTERS);
}

async function pageSays(asking: Asking, page: string, heading: RegExp): Promise<string> {
  needsInternet(asking);
  const url = `${GUIDE}/${page}.html`;
  const response = await fetch(url, { signal: AbortSignal.any([asking.signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  const html = await response.text();
  const found = response.ok ? excerpt(html, heading) : undefined;
  if (found === undefined) {
    return `${url} answers ${response.status}, and nothing in it matches ${String(heading)}.`;
  }
  for (const line of found.split('\n').filter(Boolean)) {
    asking.note(line);
  }
  return `${url} says what the evidence has, by its first ${found.length} characters: read it.`;
}

export const contractPage = (asking: Asking): Promise<string> =>
  pageSays(asking, 'runtime-mcp-protocol-contract', /MCP protocol contract/i);

export const probesPage = (asking: Asking): Promise<string> =>
  pageSays(asking, 'runtime-mcp-protocol-contract', /Health probes/i);

export const endpointsPage = (asking: Asking): Promise<string> =>
  pageSays(asking, 'runtime-session-endpoints', /session endpoint/i);

export const hooksPage = (asking: Asking): Promise<string> =>
  pageSays(asking, 'runtime-lifecycle-hooks', /hook logs|View hook/i);

export async function newestPackages(asking: Asking): Promise<string> {
  needsInternet(asking);
  const versions: string[] = [];
  for (const name of ['aws-cdk-lib', '@aws/agentcore-cdk', '@aws-sdk/client-bedrock-agentcore-control']) {
    const { stdout } = await run('npm', ['view', name, 'version'], { signal: asking.signal, timeout: TIMEOUT_MS });
    versions.push(`${name} ${stdout.trim()}`);
  }
  return `The newest are ${versions.join(', ')}: compare their properties of a runtime with those of lib/private/platform.`;
}
