// What the documentation of AgentCore Runtime leaves open. Each is asked of the probe server, and what it answered is told:
// the local runtime has a setting, or a row in docs/reference/fidelity.md, for most of them.
import type { Place } from './places';
import { RUNTIME_SESSION, SESSION, toldBy, type Answer, type RawServer } from './raw-server';

export interface Question {
  readonly question: string;
  /** @returns what was observed, in lines */
  ask(server: RawServer, place: Place): Promise<readonly string[]>;
}

const ENDPOINT_URL = 'x-amzn-bedrock-agentcore-runtime-session-endpoint-url';
const PARALLEL_CALLS = 20;
const MOST_CHARACTERS = 400;

/** Headers of an answer that say what the platform did. */
const TOLD = [SESSION, RUNTIME_SESSION, ENDPOINT_URL, 'content-type', 'allow', 'www-authenticate', 'retry-after'];

function told(name: string, { status, headers, body, milliseconds }: Answer): string {
  const shown = TOLD.filter(header => headers.has(header)).map(header => `${header}: ${headers.get(header)}`);
  const text = body.replaceAll(/\s+/g, ' ').slice(0, MOST_CHARACTERS);
  return `${name}: HTTP ${status} in ${milliseconds} ms; ${shown.join('; ')}; ${text || '(no body)'}`;
}

const processOf = async (server: RawServer, headers: Readonly<Record<string, string>>): Promise<string> =>
  String((toldBy(await server.call('describe_process', headers)) as { process?: string } | undefined)?.process);

export const QUESTIONS: readonly Question[] = [
  {
    question: 'What answers GET and DELETE at the invocation URL of a live session, and a GET with Last-Event-ID?',
    ask: async server => {
      const { session } = await server.initialize();
      const headers = { [SESSION]: session };
      return [
        told('GET', await server.send('GET', { headers, timeoutMs: 5_000 }).catch(noAnswer)),
        told(
          'GET with Last-Event-ID',
          await server.send('GET', { headers: { ...headers, 'last-event-id': '1' }, timeoutMs: 5_000 }).catch(noAnswer),
        ),
        told('DELETE', await server.send('DELETE', { headers })),
        told('a call after it', await server.call('describe_process', headers)),
      ];
    },
  },
  {
    question: 'Who makes the id of a session, and what does a server see of `initialize`?',
    ask: async server => {
      const opened = await server.initialize();
      const seen = toldBy(await server.call('list_requests', { [SESSION]: opened.session })) as object[] | undefined;
      return [told('initialize', opened), `the server saw: ${JSON.stringify(seen?.slice(0, 4))}`];
    },
  },
  {
    question: 'Which header decides where a request goes: `Mcp-Session-Id` or the id of the runtime session?',
    ask: async server => {
      const [first, second] = [await server.initialize(), await server.initialize()];
      const [one, other] = [
        await processOf(server, { [SESSION]: first.session }),
        await processOf(server, { [SESSION]: second.session }),
      ];
      const runtimeSession = second.headers.get(RUNTIME_SESSION) ?? second.session;
      const mixed = await server.call('describe_process', {
        [SESSION]: first.session,
        [RUNTIME_SESSION]: runtimeSession,
      });
      const found = (toldBy(mixed) as { process?: string } | undefined)?.process;
      const where =
        found === one ? 'that of Mcp-Session-Id' : found === other ? 'that of the runtime session' : 'neither';
      return [
        `two sessions are ${one === other ? 'one process' : 'two processes'}`,
        told(`answered by ${where}`, mixed),
      ];
    },
  },
  {
    question: 'Does StopRuntimeSession take the id of an MCP session, and what does the next request get?',
    ask: async server => {
      const { session } = await server.initialize();
      return [
        told('StopRuntimeSession', await server.stop(session)),
        told('a call after it', await server.call('describe_process', { [SESSION]: session })),
      ];
    },
  },
  {
    question: 'What does a session id get that nobody has opened?',
    ask: async server => [
      told(
        'a call',
        await server.call('describe_process', { [SESSION]: `unknown-${crypto.randomUUID()}-${Date.now()}` }),
      ),
    ],
  },
  {
    question:
      'Is a request of revision 2026-07-28 routed without a session, and are `Mcp-Method` and `Mcp-Name` compared?',
    ask: async server => [
      told('headers that fit', await server.callModern('describe_process', 'describe_process')),
      told('another name', await server.callModern('describe_process', 'list_requests')),
    ],
  },
  {
    question: 'Which probes reach a server, and how often?',
    ask: async server => {
      const { session } = await server.initialize();
      await server.call('wait', { [SESSION]: session }, { args: { seconds: 5 } });
      const seen = toldBy(await server.call('list_requests', { [SESSION]: session })) as
        { method: string }[] | undefined;
      return (seen ?? []).map(request => JSON.stringify(request));
    },
  },
  {
    question: 'What does a process find: program, user, processors, memory, names of variables?',
    ask: async server => {
      const { session } = await server.initialize();
      return [JSON.stringify(toldBy(await server.call('describe_process', { [SESSION]: session })))];
    },
  },
  {
    question: `What do ${PARALLEL_CALLS} calls at once get in one session?`,
    ask: async server => {
      const { session } = await server.initialize();
      const answers = await Promise.all(
        Array.from({ length: PARALLEL_CALLS }, () =>
          server.call('wait', { [SESSION]: session }, { args: { seconds: 2 } }).catch(noAnswer),
        ),
      );
      return answers.map((answer, index) => told(`call ${index + 1}`, answer));
    },
  },
  {
    question: 'How is a request without credentials refused?',
    ask: async server => [
      told(
        'without credentials',
        await server.send('POST', { bare: true, body: { jsonrpc: '2.0', id: 1, method: 'ping' } }),
      ),
    ],
  },
  {
    question: 'Does a session have an endpoint of its own, and does it take GET and DELETE?',
    ask: async server => {
      const { session, headers } = await server.initialize();
      const endpoint = headers.get(ENDPOINT_URL);
      if (endpoint === null) {
        return ['no answer names one'];
      }
      const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`;
      const own = { [SESSION]: session };
      const answers = [];
      // How the URL says the port is not documented where it can be read.
      for (const path of ['mcp', '8000/mcp']) {
        const url = new URL(path, base);
        answers.push(
          told(`GET ${path}`, await server.send('GET', { url, headers: own, timeoutMs: 5_000 }).catch(noAnswer)),
        );
        answers.push(told(`DELETE ${path}`, await server.send('DELETE', { url, headers: own }).catch(noAnswer)));
      }
      return answers;
    },
  },
  {
    question: 'What becomes of a call with progress that takes longer than the limit of a synchronous request?',
    ask: async (server, { longCallSeconds }) => {
      const { session } = await server.initialize();
      const timeoutMs = (longCallSeconds + 60) * 1_000;
      const answer = await server
        .call('wait', { [SESSION]: session }, { args: { seconds: longCallSeconds }, timeoutMs })
        .catch(noAnswer);
      return [told(`${longCallSeconds} s`, { ...answer, body: answer.body.slice(-MOST_CHARACTERS) })];
    },
  },
];

/** What broke off is an answer, too. */
function noAnswer(error: unknown): Answer {
  return { status: 0, headers: new Headers(), body: String(error), milliseconds: 0 };
}
