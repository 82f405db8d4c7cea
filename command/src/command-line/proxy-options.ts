import { Option, type Command } from 'commander';
import { addAuthOptions, authChoice } from './auth-options';
import type { ProxyInvocation } from './invocation';
import { usageError } from './option-values';
import { isJson } from './shared-options';
import { addQualifierOption, AUTHENTICATING, targetOf } from './target-options';

/** Describes `proxy`. */
export function addProxy(command: Command, take: (invocation: ProxyInvocation) => void): void {
  command
    .argument('[TARGET...]')
    .usage('TARGET [--qualifier NAME] [AUTH]')
    .description('Stand in for a deployed server at an MCP host that starts servers by itself (stdio).')
    .addHelpText(
      'after',
      `
Standard input and output carry the protocol alone, in both directions; what else there is to say goes to standard
error. One session for one run; it is replaced when it is lost, and ended with standard input. A sign-in that fails
is an answer that the host shows, not the end. There is no --json: standard output is the protocol.

${AUTHENTICATING}

Exit code: 0, 2 when the command line was wrong.`,
    );
  addQualifierOption(command);
  addAuthOptions(command);
  command.addOption(new Option('--json').hideHelp());
  command.action((words: readonly string[]) => {
    if (isJson(command)) {
      throw usageError(command, '`proxy` has no `--json`: standard output carries the protocol', 'leave it out');
    }
    const target = targetOf(command, words);
    const auth = authChoice(command, !target.address.startsWith('stack:'));
    if (auth.by === 'bearer' && auth.from === 'stdin') {
      throw usageError(command, '`--bearer -` reads standard input, which carries the protocol', 'name a variable');
    }
    take({ command: 'proxy', target: { ...target, auth } });
  });
}
