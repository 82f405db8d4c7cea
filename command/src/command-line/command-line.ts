import { Command, type CommanderError } from 'commander';
import { version } from '../../package.json';
import { addCall } from './call-options';
import { addCheck } from './check-options';
import { addDev, withProgram, type SettingValues } from './dev-options';
import { addIdentity } from './identity-options';
import { addInit } from './init-options';
import { addInstall } from './install-options';
import type { Invocation } from './invocation';
import { missingValue, usageError } from './option-values';
import { addProxy } from './proxy-options';
import { addCompletion } from './operating/completion-options';
import { addCost } from './operating/cost-options';
import { addDoctor } from './operating/doctor-options';
import { addLogs } from './operating/logs-options';
import { addRelease } from './operating/release-options';
import { addSessions, addStop } from './operating/session-options';
import { addCatalog } from './serving/catalog-options';
import { addChat, withChatProgram } from './serving/chat-options';
import { addTalk } from './talk-options';

/** Width of the help where there is no terminal to fill. */
const HELP_WIDTH = 100;

/** What a command line may say, as commander knows it. */
interface Described {
  readonly root: Command;
  /** What was printed instead of an invocation: help, or the version. */
  readonly printed: () => string;
}

/** The commands and their flags, for what completes them. */
export function describedCommands(): Command {
  return describe({ settings: {}, take: () => undefined }).root;
}

/** Reads the words after `stateful-mcp`. Throws a `CommandError` that names what is wrong and how to get help. */
export async function parseCommandLine(words: readonly string[]): Promise<Invocation> {
  const terminator = PROGRAM_COMMANDS.includes(words[0] ?? '') ? words.indexOf('--') : -1;
  if (words[0] === 'complete' && words[1] === '--') {
    return { command: 'complete', words: words.slice(2) };
  }
  let invocation: Invocation | undefined;
  const { root, printed } = describe({
    settings: await settingValues(words),
    program: terminator === -1 ? undefined : words.slice(terminator + 1),
    take: taken => {
      invocation = taken;
    },
  });
  try {
    root.parse(terminator === -1 ? words : words.slice(0, terminator), { from: 'user' });
  } catch (error) {
    if ((error as Partial<CommanderError>).code === SHOWN) {
      return { command: 'print', text: printed().trimEnd() };
    }
    throw error;
  }
  return invocation ?? { command: 'print', text: root.helpInformation() };
}

/** Those that take the command of a server after `--`, which has options of its own. */
const PROGRAM_COMMANDS: readonly string[] = ['dev', 'talk', 'chat', 'check'];

interface DescribeOptions {
  readonly settings: SettingValues;
  /** What stands behind `--`. */
  readonly program?: readonly string[];
  readonly take: (taken: Invocation) => void;
}

function describe({ settings, program, take }: DescribeOptions): Described {
  let text = '';
  const root = new Command('stateful-mcp')
    .description('Stateful MCP servers on a laptop, with the sessions of Amazon Bedrock AgentCore Runtime.')
    .usage('COMMAND')
    .helpOption('-h, --help', 'Show this help.')
    .version(version, '-v, --version', 'Show the version.')
    .helpCommand('help [COMMAND]', 'Show the help of a command.')
    .configureHelp({ subcommandTerm: command => command.name() })
    .configureOutput({
      writeOut: written => (text += written),
      writeErr: written => (text += written),
      outputError: () => undefined,
      getOutHelpWidth: () => process.stdout.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => process.stdout.columns ?? HELP_WIDTH,
    })
    .addHelpText('after', '\n`stateful-mcp COMMAND --help` explains a command.');
  refuseBy(root);
  const added = (name: string): Command => refuseBy(root.command(name).helpOption('-h, --help', 'Show this help.'));

  const dev = added('dev');
  addDev(dev, settings, (taken, given) => take(withProgram(dev, taken, { words: given, program })));
  addTalk(added('talk'), program, take);
  const chat = added('chat');
  addChat(chat, (taken, given) => take(withChatProgram(chat, taken, { words: given, program })));
  addCall(added('call'), take);
  addCheck(added('check'), program, take);
  addRelease(added('versions'), 'versions', take);
  addRelease(added('promote'), 'promote', take);
  addRelease(added('rollback'), 'rollback', take);
  addCatalog(added('tools'), 'tools', take);
  addCatalog(added('prompts'), 'prompts', take);
  addCatalog(added('resources'), 'resources', take);
  addProxy(added('proxy'), take);
  addInstall(added('install'), take);
  addInit(added('init'), take);
  addIdentity(added('login'), 'login', take);
  addIdentity(added('logout'), 'logout', take);
  addIdentity(added('whoami'), 'whoami', take);
  addSessions(added('sessions'), take);
  addStop(added('stop'), take);
  addLogs(added('logs'), take);
  addDoctor(added('doctor'), take);
  addCost(added('cost'), take);
  addCompletion(added('completion'), take);
  return { root, printed: () => text };
}

/** The local runtime knows them, and is not loaded for the sake of any other option. */
async function settingValues(words: readonly string[]): Promise<SettingValues> {
  const wanted = words.some(word => word.startsWith('--setting'));
  return wanted ? (await import('stateful-mcp-local')).PLATFORM_SETTING_VALUES : {};
}

const SHOWN = 'shown';

/** Has a command report in the words of this program, with its usage line. Suggestions are those of commander. */
function refuseBy(command: Command): Command {
  return command.exitOverride(error => {
    const [, name = ''] = /'([^']*)'/.exec(error.message) ?? [];
    const [, meant] = /Did you mean (?:one of )?(.+)\?/.exec(error.message) ?? [];
    const suggestion =
      meant &&
      `did you mean ${meant
        .split(', ')
        .map(word => `\`${word}\``)
        .join(' or ')}?`;
    switch (error.code) {
      case 'commander.help':
      case 'commander.helpDisplayed':
      case 'commander.version':
        throw Object.assign(new Error(SHOWN), { code: SHOWN });
      case 'commander.unknownCommand':
        throw usageError(command, `there is no command \`${name}\``, suggestion);
      case 'commander.unknownOption':
        throw unknownFlag(command, name, suggestion);
      case 'commander.optionMissingArgument': {
        const option = command.options.find(({ flags }) => flags === name);
        throw option ? missingValue(command, option) : error;
      }
      default:
        throw usageError(command, error.message.replace(/^error: /, ''));
    }
  });
}

function unknownFlag(command: Command, flag: string, suggestion: string | undefined): Error {
  const [name = '', value] = flag.split('=', 2);
  if (value !== undefined && command.options.some(({ long }) => long === name)) {
    return usageError(command, `\`${name}\` takes no value, got \`${value}\``);
  }
  return command.parent === null
    ? usageError(command, `there is no flag \`${flag}\``, suggestion)
    : usageError(command, `\`${command.name()}\` has no flag \`${flag}\``, suggestion);
}
