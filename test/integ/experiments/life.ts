// How sessions live and end, and what the platform asks of a server meanwhile.
import { IDLE_SECONDS, type ServerKind } from '../app/names';
import { outcome, resultOf, toldBy, type Answer } from '../wire/answer';
import type { Asking } from '../questions/question';
import { obedientSession, seenBy } from './requests';

const processOf = (answer: Answer): string | undefined => resultOf(answer)?.process as string | undefined;

/** Above the idle timeout, with what the platform may need to notice. */
const LONGER_THAN_IDLE_SECONDS = IDLE_SECONDS + 30;

export async function probes(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  await server.request('obey', {}, { headers: known });
  await asking.pause(asking.bed.milliseconds(45));
  const seen = await seenBy(server, known);
  const found = seen.filter(({ path, message }) => path === '/ping' || message === 'ping');
  for (const { at, method, path, headers } of found.slice(-10)) {
    asking.note(`${at} ${method} ${path}: ${JSON.stringify(headers)}`);
  }
  const kinds = [...new Set(found.map(({ method, path }) => `${method} ${path}`))].join(' and ') || 'none';
  const times = found.map(({ at }) => Date.parse(at));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const every = gaps.length === 0 ? '' : `, ${Math.min(...gaps)} to ${Math.max(...gaps)} ms apart`;
  return `${found.length} probes in a session of 45 s: ${kinds}${every}.`;
}

export async function failedProbes(asking: Asking): Promise<string> {
  return afterProbesSay(asking, { status: 500, state: 'Unhealthy' }, 0.75);
}

export async function busySignal(asking: Asking): Promise<string> {
  return afterProbesSay(asking, { status: 200, state: 'HealthyBusy' }, LONGER_THAN_IDLE_SECONDS / IDLE_SECONDS);
}

/** What becomes of a session whose probes get this answer, after a part of the idle timeout without a request. */
async function afterProbesSay(
  asking: Asking,
  said: { readonly status: number; readonly state: string },
  part: number,
): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const before = await server.request('obey', { probes: said }, { headers: known });
  await asking.pause(asking.bed.milliseconds(IDLE_SECONDS * part));
  const after = await server.request('obey', {}, { headers: known, as: 'after it' });
  const same = processOf(after) !== undefined && processOf(after) === processOf(before);
  return `Probes get ${said.status} ${said.state}: after ${Math.round(IDLE_SECONDS * part)} s without a request, of ${IDLE_SECONDS} s idle timeout, the session is ${same ? 'the same process' : 'not the same process'} (${outcome(after)}).`;
}

export async function idleStream(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const events = [{ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'begun' } }];
  const waitMs = asking.bed.milliseconds(LONGER_THAN_IDLE_SECONDS);
  const options = { headers: known, timeoutMs: waitMs + 60_000, as: 'a stream that is silent' };
  const post = await server.request('obey', { events, waitMs }, options);
  return `A response stream that says nothing for ${LONGER_THAN_IDLE_SECONDS} s, with ${IDLE_SECONDS} s idle timeout: ${outcome(post)} after ${post.milliseconds} ms.`;
}

export async function idleGetStream(asking: Asking): Promise<string> {
  const server = await asking.server('probe');
  const { known } = await server.initialize();
  const before = toldBy(await server.call('describe_process', known))?.process;
  const get = await server.send('GET', {
    headers: known,
    timeoutMs: asking.bed.milliseconds(LONGER_THAN_IDLE_SECONDS),
  });
  const after = await server.call('describe_process', known);
  const same = toldBy(after)?.process === before ? 'lives' : 'has ended';
  return `A GET stream alone, for ${get.milliseconds} ms with ${IDLE_SECONDS} s idle timeout: the session ${same} (GET: ${outcome(get)}; a call: ${outcome(after)}).`;
}

export async function maxLifetime(asking: Asking): Promise<string> {
  const server = await asking.server('brief');
  const known = { 'mcp-session-id': `integ-${crypto.randomUUID()}` };
  const events = [{ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'begun' } }];
  const waitMs = asking.bed.milliseconds(IDLE_SECONDS + 45);
  const options = { headers: known, timeoutMs: waitMs + 60_000, as: 'a stream at the end of the max lifetime' };
  const stream = await server.request('obey', { events, waitMs }, options);
  const after = await server.request('obey', {}, { headers: known, as: 'a call after it' });
  return `A stream that is open at the end of the max lifetime (${IDLE_SECONDS} s) ends after ${stream.milliseconds} ms: ${outcome(stream)}; a call after it: ${outcome(after)}.`;
}

export async function sigterm(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const { bed } = asking;
  const made = processOf(await server.request('obey', {}, { headers: known })) ?? '';
  await server.stop(known['mcp-session-id'] ?? '');
  // The log comes late on AWS.
  await asking.pause(bed.rehearsal ? 20_000 : 90_000);
  const { agentRuntimeId } = await bed.controlPlane.of('obedient');
  const lines = (await bed.logLines(agentRuntimeId, 'integ')).filter(({ line }) => line.includes(made));
  for (const { stream, line } of lines.slice(0, 40)) {
    asking.note(`${stream}: ${line}`);
  }
  const signal = lines.some(({ line }) => line.includes('SIGTERM')) ? 'a SIGTERM' : 'no SIGTERM';
  const [last = 0] = lines.flatMap(({ line }) => Number(/lives (\d+) ms/.exec(line)?.[1] ?? [])).sort((a, b) => b - a);
  return lines.length === 0
    ? 'The log of the session has not come: nothing is known.'
    : `The server got ${signal} after StopRuntimeSession${last === 0 ? '' : `, and wrote for ${last} ms after it`}.`;
}

export async function memory(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const { bed } = asking;
  const fillMiB = bed.rehearsal ? 1_024 : 9_216;
  const options = { headers: known, timeoutMs: 240_000, as: `fills ${fillMiB} MiB` };
  const filled = await server.request('obey', { fillMiB }, options);
  const after = await server.request('obey', {}, { headers: known, as: 'a call after it' });
  return `A server that fills ${fillMiB} MiB: ${outcome(filled)} after ${filled.milliseconds} ms; the next call: ${outcome(after)}.`;
}

const FOUND = ['pid', 'uid', 'node', 'command', 'directory', 'processors', 'memoryMiB', 'environment'];

/** What processes of a zip file and of an image find. */
async function described(asking: Asking, kind: ServerKind): Promise<Record<string, unknown>> {
  const server = await asking.server(kind);
  const { known } = await server.initialize();
  return toldBy(await server.call('describe_process', known)) ?? {};
}

export async function environment(asking: Asking): Promise<string> {
  const answers: string[] = [];
  for (const kind of ['probe', 'probeImage'] as const) {
    const found = await described(asking, kind);
    for (const name of FOUND) {
      asking.note(`${kind}: ${name} = ${JSON.stringify(found[name])}`);
    }
    const names = (found.environment as string[] | undefined) ?? [];
    const ofPlatform = names.filter(
      name => /AGENTCORE|AWS|OTEL|RUNTIME/.test(name) && !name.startsWith('STATEFUL_MCP'),
    );
    answers.push(
      `${kind === 'probe' ? 'a zip file' : 'an image'} finds ${ofPlatform.join(', ') || 'no variable of AWS'}`,
    );
  }
  return `The process of ${answers.join('; that of ')}.`;
}

export async function launchCommand(asking: Asking): Promise<string> {
  const found = await described(asking, 'probe');
  return `Node.js of a zip file is started as ${JSON.stringify(found.command)} in ${JSON.stringify(found.directory)}, ${String(found.node)}.`;
}

export async function defaultPort(asking: Asking): Promise<string> {
  const answers: string[] = [];
  for (const kind of ['probe', 'probeImage'] as const) {
    const found = await described(asking, kind);
    const names = (found.environment as string[] | undefined) ?? [];
    answers.push(
      `${kind}: ${found.process === undefined ? 'no answer' : `answers at port ${String(found.port)}`}, PORT is ${names.includes('PORT') ? 'set' : 'not set'}`,
    );
  }
  return `${answers.join('; ')}.`;
}
