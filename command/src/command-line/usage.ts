/** A flag, as it is parsed and as it is explained. */
export interface Flag {
  /** What stands for the value; a flag without one is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly many?: boolean;
  readonly text: string;
}

/** A command, as it is parsed and as it is explained. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly details: string;
}

const HELP: Flag = { short: 'h', text: 'Show this help.' };

const CONVERSATION_FLAGS = {
  yes: { short: 'y', text: 'Answer by itself instead of asking, as without a terminal.' },
  answers: {
    value: 'FILE',
    text: 'JSON object of property name and value: pre-filled in a terminal, the answers without one.',
  },
  sampling: {
    value: 'MODEL',
    text: 'What answers sampling requests: `scripted` (default, no model, says so) or `bedrock:MODEL_ID` (Converse API, your AWS credentials).',
  },
} as const satisfies Record<string, Flag>;

const APP: Flag = {
  value: 'APP',
  text: 'The CDK app: a command, or a folder that it was synthesized into. Default: `app` of ./cdk.json.',
};

const ENVIRONMENT: Flag = {
  value: 'NAME=VALUE',
  short: 'e',
  many: true,
  text: 'Environment variable for the servers; wins over the template, and gives a value to what exists only on AWS. May be repeated.',
};

const ANSWERING = `In a terminal, questions of the server are asked one field at a time. Esc lets you decline the question, cancel it, or go
back to it. Ctrl-C ends the whole command: servers are stopped, nothing is left behind, exit code 130. A second Ctrl-C
does not wait. Without a terminal (also with CI pipes, TERM=dumb or --yes) each field gets the value of --answers, else its
default, else its first choice, else a valid value made from its schema.`;

export const COMMANDS = {
  dev: {
    usage:
      'stateful-mcp dev [--app APP | --image IMAGE] [--port N] [--env NAME=VALUE] [--auth SCOPE] [--isolation KIND] [--watch PATH | --no-watch]\n' +
      '         [--idle-timeout SECONDS] [--max-lifetime SECONDS] [--protocol KIND] [--setting NAME=VALUE] [--session-ids ISSUER]\n' +
      '         [--requests-without-session HOW] [--ping SECONDS] [-- COMMAND…]',
    summary: 'Run the MCP servers of a CDK app, or any server, as AgentCore Runtime would.',
    flags: {
      app: APP,
      image: {
        value: 'IMAGE',
        text: 'An image to run instead of an app, by Podman, or else by Docker: a container a session.',
      },
      port: { value: 'N', text: 'Listen on this port of 127.0.0.1. Default: 8000, or a free one when that is taken.' },
      env: ENVIRONMENT,
      auth: {
        value: 'SCOPE',
        text: 'Where callers show who they are: `platform-urls` (/runtimes/…, default), `all`, or `off`.',
      },
      isolation: {
        value: 'KIND',
        text: '`bubblewrap` keeps each server from your files and the others (Linux, where bwrap is installed). Default: `none`.',
      },
      'idle-timeout': {
        value: 'SECONDS',
        text: 'A session ends after this time without a request. Default: 900. Not for an app, whose template says it.',
      },
      'max-lifetime': {
        value: 'SECONDS',
        text: 'A session ends after this time, busy or not. Default: 28800. Not for an app, whose template says it.',
      },
      protocol: {
        value: 'KIND',
        text: 'What the server speaks: `mcp` (default) or `http` (POST /invocations, GET /ping). Not for an app.',
      },
      setting: {
        value: 'NAME=VALUE',
        many: true,
        text: 'What AgentCore does where its documentation is open, for example serverErrors=map. May be repeated.',
      },
      'session-ids': {
        value: 'ISSUER',
        text: 'Who makes the id of a session: the `server` (default), or the `platform`, which hands it to the server.',
      },
      'requests-without-session': {
        value: 'HOW',
        text: 'What answers them: one process, `shared` (default), or a `new-session` for each.',
      },
      ping: {
        value: 'SECONDS',
        text: 'Ping each live session in the background; one that fails three in a row ends. Default: no pings.',
      },
      watch: {
        value: 'PATH',
        many: true,
        text: 'A file or folder whose changes make a new version, besides the sources of the app. May be repeated.',
      },
      'no-watch': { text: 'Watch nothing.' },
      help: HELP,
    },
    details: `Prints the URL of each runtime, and the log of each session with the beginning of its id, until Ctrl-C.

After \`--\` stands the command of any MCP server over Streamable HTTP, for example \`dev -- python server.py\`. It is started
once a session, in this folder, with your environment, and has to listen on the port in PORT and the address in HOST, at /mcp.

A source that changes makes a new version: sessions that start from then on get it, those that live keep theirs. What esbuild has
bundled is bundled again in a fraction of a second; any other file of the app's folder has the app synthesized again. \`watch\` in
cdk.json says which files those are, as for \`cdk watch\`. A program after \`--\` is started anew for what --watch names.

Callers of /runtimes/… sign with the credentials that are printed at the start (SigV4), or send a token where the runtime asks for
one; /mcp is open, since most MCP clients cannot sign.

With --image, the server has to listen on 0.0.0.0:8000, at /mcp, as on AgentCore Runtime. It gets your AWS credentials, if
they are in environment variables, and what --env gives it. Podman pulls an image that is not there.`,
  },
  talk: {
    usage:
      'stateful-mcp talk [TOOL…] [--app APP] [--runtime NAME] [--port N] [--env NAME=VALUE] [--answers FILE] [--sampling MODEL] [--yes]',
    summary: 'Start the servers of a CDK app, hold a conversation with one, show what it did, and end.',
    flags: {
      app: APP,
      runtime: { value: 'NAME', text: 'Which runtime to talk to, when the app has several.' },
      port: { value: 'N', text: 'Listen on this port of 127.0.0.1. Default: a free one, also when N is taken.' },
      env: ENVIRONMENT,
      ...CONVERSATION_FLAGS,
      help: HELP,
    },
    details: `Calls the tools in the order given, in one session. In a terminal, without a tool, it offers the list.

${ANSWERING}

Exit code: 0, 1 when a tool call failed, 2 when the command line was wrong.`,
  },
  call: {
    usage: 'stateful-mcp call --url URL TOOL [JSON] [--answers FILE] [--sampling MODEL] [--yes]',
    summary: 'Call one tool of a running server.',
    flags: {
      url: { value: 'URL', text: 'The server, for example http://127.0.0.1:8000/mcp.' },
      ...CONVERSATION_FLAGS,
      help: HELP,
    },
    details: `JSON is the object of the tool's arguments. The result goes to stdout, everything else to stderr.

${ANSWERING}

Exit code: 0, 1 when the tool call failed, 2 when the command line was wrong.`,
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

export function generalHelp(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(6)} ${summary}`);
  return `Stateful MCP servers on a laptop, with the sessions of Amazon Bedrock AgentCore Runtime.

Usage: stateful-mcp COMMAND

${commands.join('\n')}

  --help, --version

\`stateful-mcp COMMAND --help\` explains a command.`;
}

export function commandHelp(name: CommandName): string {
  const { usage, summary, details } = COMMANDS[name];
  const flags: Readonly<Record<string, Flag>> = COMMANDS[name].flags;
  const rows = Object.entries(flags).map(
    ([flag, { short, value, text }]) =>
      [`${short ? `-${short}, ` : '    '}--${flag}${value ? ` ${value}` : ''}`, text] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return `${summary}

Usage: ${usage}

${rows.map(([left, text]) => `  ${left.padEnd(width)}  ${text}`).join('\n')}

${details}`;
}
