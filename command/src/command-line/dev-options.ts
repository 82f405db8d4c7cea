import { Option, type Command } from 'commander';
import {
  AUTH_SCOPES,
  ID_ISSUERS,
  ISOLATIONS,
  PROTOCOLS,
  REQUESTS_WITHOUT_SESSION,
  type DevInvocation,
} from './invocation';
import { addOption, addRepeatedOption, anyText, oneOf, seconds, setting, usageError } from './option-values';
import { addJsonOption, addServerOptions, isJson, serverFlags } from './shared-options';

/** The settings that there are, and the values that each can have. */
export type SettingValues = Readonly<Record<string, readonly string[]>>;

const DETAILS = `
Prints the URL of each runtime, and the log of each session with the beginning of its id, until Ctrl-C.

After \`--\` stands the command of any MCP server over Streamable HTTP, for example \`dev -- python server.py\`. It is started
once for each session, in this directory, with your environment. It has to listen on the port in PORT and the address in
HOST, at /mcp.

A source that changes makes a new version: new sessions get it, live ones keep theirs. What esbuild has bundled is bundled
again in a fraction of a second. Any other file of the app's directory has the app synthesized again; \`watch\` in cdk.json
says which files those are, as for \`cdk watch\`. A program after \`--\` is restarted when what --watch names changes.

Callers of /runtimes/… sign with the credentials that are printed at the start (SigV4), or send a token where the runtime
asks for one. /mcp is open, since most MCP clients cannot sign.

With --image, the server has to listen on 0.0.0.0:8000, at /mcp, as on AgentCore Runtime. It gets your AWS credentials, if
they are in environment variables, and what --env gives it. Podman pulls an image that is not there.`;

/** Describes `dev`. */
export function addDev(
  command: Command,
  settingValues: SettingValues,
  take: (invocation: Omit<DevInvocation, 'program'>, words: readonly string[]) => void,
): void {
  command
    .argument('[WORDS...]')
    .usage(
      '[--app APP [-c KEY=VALUE] | --image IMAGE] [--port N] [--env NAME=VALUE] [--auth SCOPE] [--isolation KIND] [--watch PATH | --no-watch]\n' +
        '         [--idle-timeout SECONDS] [--max-lifetime SECONDS] [--protocol KIND] [--setting NAME=VALUE] [--session-ids ISSUER]\n' +
        '         [--requests-without-session HOW] [--ping SECONDS] [--json] [-- COMMAND…]',
    )
    .description('Run the MCP servers of a CDK app, or any server, as AgentCore Runtime would.')
    .addHelpText('after', DETAILS);
  addServerOptions(command, 'Listen on this port of 127.0.0.1. Default: 8000, or a free one when that is taken.');
  addOption(
    command,
    new Option(
      '--image <IMAGE>',
      'An image to run instead of an app, by Podman, or else Docker: one container a session.',
    ),
    anyText,
  );
  addOption(
    command,
    new Option(
      '--auth <SCOPE>',
      'Which URLs require authentication: `platform-urls` (/runtimes/…, default), `all`, or `off`.',
    ),
    oneOf(AUTH_SCOPES),
  );
  addOption(
    command,
    new Option(
      '--isolation <KIND>',
      '`bubblewrap` keeps each server from your files and the others (Linux, where bwrap is installed). Default: `none`.',
    ),
    oneOf(ISOLATIONS),
  );
  addDefinitionOptions(command);
  addPlatformOptions(command, settingValues);
  addRepeatedOption(
    command,
    new Option(
      '--watch <PATH>',
      'A file or directory whose changes make a new version, besides the sources of the app. May be repeated.',
    ),
    anyText,
  );
  addJsonOption(command);
  let watching = true;
  command.option('--no-watch', 'Watch nothing.').on('option:no-watch', () => {
    watching = false;
  });
  const watched: string[] = [];
  command.on('option:watch', (path: string | null) => {
    if (path !== null) {
      watched.push(path);
    }
  });
  command.action((words: readonly string[]) => {
    take(invocationOf(command, watching, watched), words);
  });
}

function addDefinitionOptions(command: Command): void {
  addOption(
    command,
    new Option(
      '--idle-timeout <SECONDS>',
      'A session ends after this time without a request. Default: 900. Not for an app, whose template says it.',
    ),
    seconds,
  );
  addOption(
    command,
    new Option(
      '--max-lifetime <SECONDS>',
      'A session ends after this time, busy or not. Default: 28800. Not for an app, whose template says it.',
    ),
    seconds,
  );
  addOption(
    command,
    new Option(
      '--protocol <KIND>',
      'What the server speaks: `mcp` (default) or `http` (POST /invocations, GET /ping). Not for an app.',
    ),
    oneOf(PROTOCOLS),
  );
}

function addPlatformOptions(command: Command, settingValues: SettingValues): void {
  addRepeatedOption(
    command,
    new Option(
      '--setting <NAME=VALUE>',
      'What AgentCore does where its documentation leaves it open, for example serverErrors=map. May be repeated.',
    ),
    setting(settingValues),
  );
  addOption(
    command,
    new Option(
      '--session-ids <ISSUER>',
      'Who makes the id of a session: the `server` (default), or the `platform`, which hands it to the server.',
    ),
    oneOf(ID_ISSUERS),
  );
  addOption(
    command,
    new Option(
      '--requests-without-session <HOW>',
      'What answers them: one process, `shared` (default), or a `new-session` for each.',
    ),
    oneOf(REQUESTS_WITHOUT_SESSION),
  );
  addOption(
    command,
    new Option(
      '--ping <SECONDS>',
      'Ping each live session in the background; one that fails three in a row ends. Default: no pings.',
    ),
    seconds,
  );
}

interface DevOptions {
  readonly image?: string;
  readonly auth?: DevInvocation['auth'];
  readonly isolation?: DevInvocation['isolation'];
  readonly idleTimeout?: number;
  readonly maxLifetime?: number;
  readonly protocol?: (typeof PROTOCOLS)[number];
  readonly setting?: readonly (readonly [string, string | number])[];
  readonly sessionIds?: DevInvocation['sessionIds'];
  readonly requestsWithoutSession?: DevInvocation['requestsWithoutSession'];
  readonly ping?: number;
}

function invocationOf(command: Command, watch: boolean, watched: readonly string[]): Omit<DevInvocation, 'program'> {
  const options = command.opts<DevOptions>();
  const { image, protocol } = options;
  const unwatched = !watch ? '`--no-watch`' : image === undefined ? undefined : '`--image`, which has no source,';
  if (watched.length > 0 && unwatched !== undefined) {
    throw usageError(command, `\`--watch\` and ${unwatched} exclude each other`);
  }
  return {
    command: 'dev',
    image,
    auth: options.auth ?? 'platform-urls',
    isolation: options.isolation ?? 'none',
    watch,
    watched,
    ...serverFlags(command),
    definition: {
      idleTimeoutSeconds: options.idleTimeout,
      maxLifetimeSeconds: options.maxLifetime,
      protocol: protocol && (protocol === 'http' ? 'HTTP' : 'MCP'),
    },
    settings: Object.fromEntries(options.setting ?? []),
    sessionIds: options.sessionIds,
    requestsWithoutSession: options.requestsWithoutSession,
    pingIntervalSeconds: options.ping,
    json: isJson(command),
  };
}

/** The invocation with the command after `--`, if both go together. */
export function withProgram(
  command: Command,
  invocation: Omit<DevInvocation, 'program'>,
  { words, program }: { readonly words: readonly string[]; readonly program?: readonly string[] },
): DevInvocation {
  const { app, image, definition } = invocation;
  if (words[0] !== undefined) {
    throw usageError(
      command,
      `\`dev\` takes no argument \`${words[0]}\``,
      `put the command of a server after \`--\`: stateful-mcp dev -- ${words.join(' ')}`,
    );
  }
  if (program?.length === 0) {
    throw usageError(command, 'there is no command after `--`', 'for example: stateful-mcp dev -- python server.py');
  }
  const instead = app !== undefined ? '--app' : image !== undefined ? '--image' : undefined;
  if (program && instead !== undefined) {
    throw usageError(command, `\`${instead}\` and a command after \`--\` exclude each other`);
  }
  if (Object.keys(invocation.context).length > 0 && (program || image !== undefined)) {
    throw usageError(command, '`--context` is for a CDK app', 'leave it out');
  }
  if (app !== undefined && image !== undefined) {
    throw usageError(command, '`--app` and `--image` exclude each other');
  }
  const inTemplate = [
    ['--idle-timeout', definition.idleTimeoutSeconds] as const,
    ['--max-lifetime', definition.maxLifetimeSeconds] as const,
    ['--protocol', definition.protocol] as const,
  ].find(([, value]) => value !== undefined);
  if (inTemplate !== undefined && program === undefined && image === undefined) {
    throw usageError(
      command,
      `\`${inTemplate[0]}\` is for \`--image\` and a command after \`--\``,
      'for a CDK app its template says it',
    );
  }
  return { ...invocation, program };
}
