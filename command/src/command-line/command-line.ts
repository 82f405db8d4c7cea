import { parseArgs } from 'node:util';
import { PLATFORM_SETTING_VALUES, type LocalRuntimeDefinition, type PlatformSettings } from 'stateful-mcp-local';
import { CommandError, EXIT } from '../common/command-error';
import { nearestWord } from '../common/nearest-word';
import { COMMANDS, isCommandName, type CommandName, type Flag } from './usage';

/** Where callers show who they are, from everywhere to nowhere. */
const AUTH_SCOPES = ['all', 'platform-urls', 'off'] as const;

const ISOLATIONS = ['none', 'bubblewrap'] as const;

const PROTOCOLS = ['mcp', 'http'] as const;

const ID_ISSUERS = ['server', 'platform'] as const;

const REQUESTS_WITHOUT_SESSION = ['shared', 'new-session'] as const;

/** How the conversation is held, in `talk` and `call`. */
export interface ConversationFlags {
  readonly yes: boolean;
  readonly answers?: string;
  readonly sampling: SamplingChoice;
}

export type SamplingChoice = { readonly by: 'scripted' } | { readonly by: 'bedrock'; readonly modelId: string };

/** Which servers are started, and where, in `dev` and `talk`. */
export interface ServerFlags {
  readonly app?: string;
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface DevInvocation extends ServerFlags {
  readonly command: 'dev';
  readonly image?: string;
  readonly auth: (typeof AUTH_SCOPES)[number];
  readonly isolation: (typeof ISOLATIONS)[number];
  /** What the template says of a runtime of an app. */
  readonly definition: Pick<LocalRuntimeDefinition, 'idleTimeoutSeconds' | 'maxLifetimeSeconds' | 'protocol'>;
  readonly settings: Partial<PlatformSettings>;
  readonly sessionIds?: (typeof ID_ISSUERS)[number];
  readonly requestsWithoutSession?: (typeof REQUESTS_WITHOUT_SESSION)[number];
  readonly pingIntervalSeconds?: number;
  /** Whether sources are watched. */
  readonly watch: boolean;
  /** Files and folders that are watched besides those of the app. */
  readonly watched: readonly string[];
  readonly program?: readonly string[];
}

export interface TalkInvocation extends ConversationFlags, ServerFlags {
  readonly command: 'talk';
  readonly tools: readonly string[];
  readonly runtime?: string;
}

export interface CallInvocation extends ConversationFlags {
  readonly command: 'call';
  readonly url: string;
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

export type Invocation =
  | { readonly command: 'help'; readonly topic?: CommandName }
  | { readonly command: 'version' }
  | DevInvocation
  | TalkInvocation
  | CallInvocation;

/** Reads the words after `stateful-mcp`. Throws a `CommandError` that names what is wrong and how to get help. */
export function parseCommandLine(words: readonly string[]): Invocation {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h') {
    return { command: 'help' };
  }
  if (first === '--version' || first === '-v') {
    return { command: 'version' };
  }
  if (first === 'help') {
    return rest[0] !== undefined && isCommandName(rest[0]) ? { command: 'help', topic: rest[0] } : { command: 'help' };
  }
  if (!isCommandName(first)) {
    const kind = first.startsWith('-') ? 'flag' : 'command';
    throw usageError(
      `there is no ${kind} \`${first}\``,
      suggestion(first, kind === 'flag' ? ['--help', '--version'] : Object.keys(COMMANDS)),
    );
  }
  const given = readFlags(first, rest);
  if (given.switches.has('help')) {
    return { command: 'help', topic: first };
  }
  if (first === 'dev') {
    return dev(given);
  }
  return first === 'talk' ? talk(given) : call(given);
}

interface Given {
  readonly command: CommandName;
  readonly values: ReadonlyMap<string, string>;
  /** Of flags that may be given more than once. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
  readonly afterTerminator?: readonly string[];
}

function readFlags(command: CommandName, words: readonly string[]): Given {
  const flags: Readonly<Record<string, Flag>> = COMMANDS[command].flags;
  const terminator = words.indexOf('--');
  const own = terminator === -1 ? words : words.slice(0, terminator);
  const { tokens } = parseArgs({
    args: [...own],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { value, short }]) => [
        name,
        { type: value ? ('string' as const) : ('boolean' as const), ...(short !== undefined && { short }) },
      ]),
    ),
  });
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const switches = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      positionals.push(token.value);
    }
    if (token.kind !== 'option') {
      continue;
    }
    const flag = flags[token.name];
    if (flag === undefined) {
      throw usageError(
        `\`${command}\` has no flag \`${token.rawName}\``,
        suggestion(
          token.rawName,
          Object.keys(flags).map(name => `--${name}`),
        ),
        command,
      );
    }
    if (flag.value === undefined) {
      if (token.value !== undefined) {
        throw usageError(`\`--${token.name}\` takes no value, got \`${token.value}\``, undefined, command);
      }
      switches.add(token.name);
    } else {
      if (
        token.value === undefined ||
        token.value === '' ||
        (!token.inlineValue && flags[token.value.replace(/^--/, '')] && token.value.startsWith('--'))
      ) {
        throw usageError(`\`--${token.name}\` needs a value: \`--${token.name} ${flag.value}\``, undefined, command);
      }
      if (flag.many) {
        lists.set(token.name, [...(lists.get(token.name) ?? []), token.value]);
      } else {
        values.set(token.name, token.value);
      }
    }
  }
  return {
    command,
    values,
    lists,
    switches,
    positionals,
    afterTerminator: terminator === -1 ? undefined : words.slice(terminator + 1),
  };
}

function dev(given: Given): DevInvocation {
  const { command, values, lists, switches, positionals, afterTerminator: program } = given;
  if (positionals[0] !== undefined) {
    throw usageError(
      `\`dev\` takes no argument \`${positionals[0]}\``,
      `put the command of a server after \`--\`: stateful-mcp dev -- ${positionals.join(' ')}`,
      command,
    );
  }
  if (program?.length === 0) {
    throw usageError('there is no command after `--`', 'for example: stateful-mcp dev -- python server.py', command);
  }
  const instead = ['app', 'image'].find(name => values.has(name));
  if (program && instead !== undefined) {
    throw usageError(`\`--${instead}\` and a command after \`--\` exclude each other`, undefined, command);
  }
  if (values.has('app') && values.has('image')) {
    throw usageError('`--app` and `--image` exclude each other', undefined, command);
  }
  const watched = lists.get('watch') ?? [];
  const reason = switches.has('no-watch')
    ? '`--no-watch`'
    : values.has('image')
      ? '`--image`, which has no source,'
      : undefined;
  if (watched.length > 0 && reason !== undefined) {
    throw usageError(`\`--watch\` and ${reason} exclude each other`, undefined, command);
  }
  const auth = oneOf('auth', AUTH_SCOPES, given) ?? 'platform-urls';
  const isolation = oneOf('isolation', ISOLATIONS, given) ?? 'none';
  const inTemplate = ['idle-timeout', 'max-lifetime', 'protocol'].find(name => values.has(name));
  if (inTemplate !== undefined && program === undefined && !values.has('image')) {
    throw usageError(
      `\`--${inTemplate}\` is for \`--image\` and a command after \`--\``,
      'for a CDK app its template says it',
      command,
    );
  }
  const protocol = oneOf('protocol', PROTOCOLS, given);
  return {
    command: 'dev',
    image: values.get('image'),
    auth,
    isolation,
    watch: !switches.has('no-watch'),
    watched,
    ...servers(given),
    program,
    definition: {
      idleTimeoutSeconds: seconds('idle-timeout', given),
      maxLifetimeSeconds: seconds('max-lifetime', given),
      protocol: protocol && (protocol === 'http' ? 'HTTP' : 'MCP'),
    },
    settings: settings(given),
    sessionIds: oneOf('session-ids', ID_ISSUERS, given),
    requestsWithoutSession: oneOf('requests-without-session', REQUESTS_WITHOUT_SESSION, given),
    pingIntervalSeconds: seconds('ping', given),
  };
}

function seconds(flag: string, { command, values }: Given): number | undefined {
  const text = values.get(flag);
  if (text === undefined) {
    return undefined;
  }
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0) {
    return number;
  }
  throw usageError(`\`--${flag}\` is \`${text}\``, 'pass a number of seconds above 0', command);
}

function settings({ command, lists }: Given): Partial<PlatformSettings> {
  return Object.fromEntries(
    (lists.get('setting') ?? []).map(text => {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
      const allowed: readonly string[] | undefined = Object.entries(PLATFORM_SETTING_VALUES).find(
        ([setting]) => setting === name,
      )?.[1];
      if (!allowed) {
        throw usageError(
          `\`--setting\` is \`${text}\``,
          `pass NAME=VALUE with one of the names ${Object.keys(PLATFORM_SETTING_VALUES).join(', ')}`,
          command,
        );
      }
      if (name === 'pingIntervalMs' && Number(value) > 0) {
        return [name, Number(value)] as const;
      }
      if (!allowed.includes(value)) {
        throw usageError(`\`--setting ${name}\` is \`${value}\``, `pass one of ${allowed.join(', ')}`, command);
      }
      return [name, value] as const;
    }),
  );
}

function talk(given: Given): TalkInvocation {
  const { command, values, switches, positionals, afterTerminator = [] } = given;
  return {
    command: 'talk',
    tools: [...positionals, ...afterTerminator],
    runtime: values.get('runtime'),
    ...servers(given),
    ...conversation(values, switches, command),
  };
}

function call({ command, values, switches, positionals, afterTerminator = [] }: Given): CallInvocation {
  const [tool, json = '{}', ...more] = [...positionals, ...afterTerminator];
  const url = values.get('url');
  if (url === undefined) {
    throw usageError(
      '`call` needs `--url URL`',
      'for example: stateful-mcp call --url http://127.0.0.1:8000/mcp TOOL',
      command,
    );
  }
  if (tool === undefined) {
    throw usageError('`call` needs the name of a tool', undefined, command);
  }
  if (more.length > 0) {
    throw usageError(
      `\`call\` takes a tool and one JSON object, got \`${more.join(' ')}\` as well`,
      'quote the JSON for the shell',
      command,
    );
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageError(
      `\`--url\` must be a URL of http or https, got ${url}`,
      'for example: http://127.0.0.1:8000/mcp',
      command,
    );
  }
  return { command: 'call', url, tool, args: toolArguments(json, command), ...conversation(values, switches, command) };
}

function toolArguments(json: string, command: CommandName): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw usageError(
      `the arguments of the tool are not JSON, got \`${json}\` (${(error as Error).message})`,
      'quote the JSON for the shell',
      command,
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw usageError(`the arguments of the tool must be a JSON object, got \`${json}\``, undefined, command);
  }
  return parsed as Record<string, unknown>;
}

function oneOf<Value extends string>(
  flag: string,
  allowed: readonly Value[],
  { command, values }: Given,
): Value | undefined {
  const value = values.get(flag);
  const found = allowed.find(candidate => candidate === value);
  if (value !== undefined && found === undefined) {
    throw usageError(`\`--${flag}\` is \`${value}\``, `pass one of ${allowed.join(', ')}`, command);
  }
  return found;
}

function servers({ command, values, lists }: Given): ServerFlags {
  const environment = Object.fromEntries(
    (lists.get('env') ?? []).map(text => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw usageError(`\`--env\` is \`${text}\``, 'pass NAME=VALUE', command);
      }
      return [name, value] as const;
    }),
  );
  return { app: values.get('app'), port: port(values, command), environment };
}

function conversation(
  values: ReadonlyMap<string, string>,
  switches: ReadonlySet<string>,
  command: CommandName,
): ConversationFlags {
  return {
    yes: switches.has('yes'),
    answers: values.get('answers'),
    sampling: sampling(values.get('sampling') ?? 'scripted', command),
  };
}

function sampling(value: string, command: CommandName): SamplingChoice {
  if (value === 'scripted') {
    return { by: 'scripted' };
  }
  const modelId = /^bedrock:(.+)$/.exec(value)?.[1];
  if (modelId !== undefined) {
    return { by: 'bedrock', modelId };
  }
  throw usageError(
    `\`--sampling\` is \`${value}\``,
    'pass `scripted` or `bedrock:MODEL_ID`, for example bedrock:amazon.nova-lite-v1:0',
    command,
  );
}

function port(values: ReadonlyMap<string, string>, command: CommandName): number | undefined {
  const text = values.get('port');
  if (text === undefined) {
    return undefined;
  }
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) {
    return number;
  }
  throw usageError(`\`--port\` is \`${text}\``, 'pass a number from 0 (a free port) to 65535', command);
}

function suggestion(typed: string, words: readonly string[]): string | undefined {
  const nearest = nearestWord(typed, words);
  return nearest && `did you mean \`${nearest}\`?`;
}

function usageError(problem: string, advice: string | undefined, command?: CommandName): CommandError {
  const usage = command ? `Usage: ${COMMANDS[command].usage}` : `Commands: ${Object.keys(COMMANDS).join(', ')}`;
  const help = `stateful-mcp ${command ? `${command} ` : ''}--help`;
  return new CommandError(`${problem}${advice ? `: ${advice}` : ''}\n\n${usage}\nMore: ${help}`, EXIT.usage);
}
