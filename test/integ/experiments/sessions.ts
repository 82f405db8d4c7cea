// Which process a request reaches, and by which id.
import { ENDPOINT_URL, RUNTIME_SESSION, SESSION, errorOf, outcome, toldBy, type Answer } from '../wire/answer';
import type { Asking } from '../questions/question';
import { obedientSession, seenBy } from './requests';

const processIn = (answer: Answer): string | undefined => toldBy(answer)?.process as string | undefined;

export async function whoIssuesIds(asking: Asking): Promise<string> {
  const server = await asking.server('probe');
  const opened = await server.initialize();
  const seen = toldBy(await server.call('list_requests', opened.known))?.requests as
    { headers: Record<string, string> }[] | undefined;
  const first = seen?.find(({ headers }) => headers[RUNTIME_SESSION] !== undefined)?.headers;
  asking.note(`\`initialize\` as the server saw it: ${JSON.stringify(first)}`);
  const same = opened.session === opened.headers.get(RUNTIME_SESSION) ? 'the same as' : 'another than';
  const before = first?.[SESSION] === undefined ? 'no Mcp-Session-Id' : 'an Mcp-Session-Id';
  return `A server with sessions sees ${before} with \`initialize\`; the client gets one that is ${same} the id of the runtime session.`;
}

/** For a server without sessions, which makes no id. */
export async function issuedIds(asking: Asking): Promise<string> {
  const server = await asking.server('obedient');
  const answer = await server.request('obey', { events: undefined });
  const issued = answer.headers.get(SESSION);
  if (issued === null) {
    return `A server that makes no id: its client gets none either, ${outcome(answer)}.`;
  }
  const seen = await seenBy(server, { [SESSION]: issued });
  const got = seen.find(({ message }) => message === 'obey')?.headers[SESSION];
  const inRequest = got === issued ? 'saw the same one' : got === undefined ? 'saw none' : 'saw another one';
  const kept = seen.some(({ message }) => message === 'obey') ? 'the same process' : 'another process';
  return `A server that makes no id: its client gets one (${issued.length} characters), and the server ${inRequest} in the request; the next request with it reaches ${kept}.`;
}

export async function affinity({ server: open }: Asking): Promise<string> {
  const server = await open('probe');
  const [first, second] = [await server.initialize(), await server.initialize()];
  const one = processIn(await server.call('describe_process', first.known));
  const other = processIn(await server.call('describe_process', second.known));
  const runtimeSession = second.headers.get(RUNTIME_SESSION) ?? second.session;
  const mixed = await server.call('describe_process', { ...first.known, [RUNTIME_SESSION]: runtimeSession });
  const found = processIn(mixed);
  const where = found === one ? 'that of Mcp-Session-Id' : found === other ? 'that of the runtime session' : 'neither';
  return `Two sessions are ${one === other ? 'one process' : 'two processes'}; a request with the ids of both reaches ${where} (${outcome(mixed)}).`;
}

export async function chosenIds({ server: open }: Asking): Promise<string> {
  const server = await open('probe');
  const chosen = `integ-${crypto.randomUUID()}`;
  const opened = await server.initialize({ [SESSION]: chosen });
  const unknown = await server.call('describe_process', { [SESSION]: `integ-${crypto.randomUUID()}` });
  const kept = opened.session === chosen ? 'is kept' : `becomes another one`;
  return `An id that the client chooses for \`initialize\` ${kept} (${outcome(opened)}); a call with an id that nobody has opened: ${outcome(unknown)}.`;
}

export async function stopByMcpId({ server: open, pause }: Asking): Promise<string> {
  const server = await open('probe');
  const opened = await server.initialize();
  const before = processIn(await server.call('describe_process', opened.known));
  const byMcp = await server.stop(opened.session);
  let after = await server.call('describe_process', opened.known);
  // Its end may take 15 s.
  for (let attempts = 0; attempts < 20 && errorOf(after)?.includes('-32005') === true; attempts += 1) {
    await pause(1_000);
    after = await server.call('describe_process', opened.known);
  }
  const same = processIn(after) === before ? 'the same process answers' : 'that process does not answer';
  const another = await server.initialize();
  const runtimeSession = another.headers.get(RUNTIME_SESSION);
  const byRuntime =
    runtimeSession === null ? 'not tried, no answer has it' : outcome(await server.stop(runtimeSession));
  return `With the MCP id: ${outcome(byMcp)}; then ${same} (${outcome(after)}). With the runtime session id: ${byRuntime}.`;
}

/** Requests that meet the start of a session, and its end. */
export async function transitions({ server: open }: Asking): Promise<string> {
  const server = await open('obedient');
  const known = { [SESSION]: `integ-${crypto.randomUUID()}` };
  const start = await Promise.all(
    Array.from({ length: 5 }, () => server.request('obey', {}, { headers: known, as: 'while it starts' })),
  );
  const [, after] = await Promise.all([
    server.stop(known[SESSION] ?? ''),
    server.request('obey', {}, { headers: known, as: 'while it stops' }),
  ]);
  return `Of 5 requests at once with a new id, ${start.filter(answer => errorOf(answer) === undefined).length} are served (${[...new Set(start.map(outcome))].join('; ')}); one beside StopRuntimeSession: ${outcome(after)}.`;
}

export async function modernRouting({ server: open }: Asking): Promise<string> {
  const server = await open('probe');
  const answers: Answer[] = [];
  for (let calls = 0; calls < 4; calls += 1) {
    answers.push(await server.callModern('describe_process', 'describe_process'));
  }
  const processes = new Set(answers.map(processIn));
  const issued = answers[0]?.headers.get(SESSION) ?? null;
  const runtimeSession = `integ-${crypto.randomUUID()}`;
  const bound: Answer[] = [];
  for (let calls = 0; calls < 2; calls += 1) {
    bound.push(await server.callModern('describe_process', 'describe_process', { [RUNTIME_SESSION]: runtimeSession }));
  }
  const together = processIn(bound[0] as Answer) === processIn(bound[1] as Answer) ? 'one process' : 'two processes';
  return `4 calls of 2026-07-28 without a session reach ${processes.size} process(es); their answers have ${issued === null ? 'no' : 'an'} Mcp-Session-Id; two with one runtime session id reach ${together}.`;
}

export async function modernHeaders({ server: open }: Asking): Promise<string> {
  const server = await open('obedient');
  const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' };
  const fitting = await server.callModern('describe_process', 'describe_process');
  const another = await server.callModern('describe_process', 'list_requests');
  const none = await server.call('describe_process', { ...modern, 'mcp-method': 'tools/list' });
  return `The server compares nothing here. Headers that fit: ${outcome(fitting)}; another name: ${outcome(another)}; another method and no name: ${outcome(none)}.`;
}

export async function sessionsOfOthers(asking: Asking): Promise<string> {
  const { server, known } = await obedientSession(asking);
  const mine = await server.request('obey', {}, { headers: known, as: 'the one who opened it' });
  const other = await asking.server('obedient', await asking.bed.other());
  const theirs = await other.request('obey', {}, { headers: known, as: 'somebody else' });
  const processOf = (answer: Answer): unknown => /"process":"([^"]+)"/.exec(answer.body)?.[1];
  const same = processOf(mine) !== undefined && processOf(mine) === processOf(theirs);
  return `Somebody else of the account, with the id of a session: ${outcome(theirs)}, ${same ? 'in the same process' : 'not in its process'}.`;
}

export async function sessionEndpoint({ server: open }: Asking): Promise<string> {
  const server = await open('members');
  const { known, headers } = await server.initialize();
  const endpoint = headers.get(ENDPOINT_URL);
  if (endpoint === null) {
    return 'No answer names a URL of the session.';
  }
  const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`;
  const outcomes: string[] = [];
  // How the URL says the port is not documented where it can be read.
  for (const path of ['other/mcp', '8123/other/mcp']) {
    const url = new URL(path, base);
    const get = await server.send('GET', { url, headers: known, timeoutMs: 5_000, as: `GET ${path}` });
    outcomes.push(`GET ${path}: ${outcome(get)}`);
  }
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const bare = await server.send('POST', { url: new URL('8123/other/mcp', base), bare: true, body: ping });
  return `There is one, of ${endpoint.length} characters. ${outcomes.join('; ')}; without credentials: ${outcome(bare)}.`;
}

export async function bucketPrefix({ server: open }: Asking): Promise<string> {
  const server = await open('mount');
  const opened = await server.initialize();
  const mounted = toldBy(await server.call('list_directory', opened.known, { args: { directory: '/mnt/bucket' } }));
  return `The bucket is mounted: ${JSON.stringify(mounted)}; the id of the MCP session is ${opened.session === opened.headers.get(RUNTIME_SESSION) ? '' : 'not '}that of the runtime session.`;
}
