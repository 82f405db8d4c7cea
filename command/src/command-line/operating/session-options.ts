import { Option, type Command } from 'commander';
import { authChoice } from '../auth-options';
import type { SessionsInvocation, StopInvocation } from '../invocation';
import { addOption, anyText, usageError } from '../option-values';
import { addJsonOption, isJson } from '../shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from '../target-options';

/** Describes `sessions`. */
export function addSessions(command: Command, take: (invocation: SessionsInvocation) => void): void {
  command
    .usage('[--json]')
    .description('List the sessions that --session has kept on this machine. Asks no server.')
    .addHelpText(
      'after',
      `
AgentCore has no list of sessions, and a request to one that has ended would start it again, and cost. So this is what
the store on this machine knows, not what lives: a session may have reached its idle timeout meanwhile.

Exit code: 0, 2 when the command line was wrong.`,
    );
  addJsonOption(command);
  command.action(() => take({ command: 'sessions', json: isJson(command) }));
}

/** Describes `stop`. */
export function addStop(command: Command, take: (invocation: StopInvocation) => void): void {
  command
    .argument('[NAME...]')
    .usage('NAME | --all | --id SESSION_ID  [--url URL|--arn ARN|--target TARGET] [AUTH] [--json]')
    .description('End a kept session, all of them, or one by its id.')
    .addHelpText(
      'after',
      `
On AgentCore a session ends by StopRuntimeSession, elsewhere by DELETE. Nothing else is sent, so a session that has ended
already does not start again. With --url, --arn or --target, only sessions of that server end. \`--id\` is for a session
that is not in the store, such as one in a log, and needs the server.

${AUTHENTICATING}

Exit code: 0, 1 when a session could not be ended, 2 when the command line was wrong.`,
    );
  command.option('--all', 'End all kept sessions.');
  addOption(command, new Option('--id <SESSION_ID>', 'Session id, as the server or AgentCore gave it.'), anyText);
  addTargetOptions(command);
  addJsonOption(command);
  command.action((names: readonly string[]) => {
    const { all, id } = command.opts<{ all?: boolean; id?: string }>();
    const given = [names[0] !== undefined, all === true, id !== undefined].filter(Boolean).length;
    if (given !== 1 || names.length > 1) {
      throw usageError(
        command,
        '`stop` takes one of a NAME, `--all` and `--id SESSION_ID`',
        '`stateful-mcp sessions` lists the names',
      );
    }
    const named = (['url', 'arn', 'target'] as const).some(name => command.getOptionValue(name) !== undefined);
    const target = named ? targetFlags(command) : undefined;
    if (target === undefined && command.getOptionValue('qualifier') !== undefined) {
      throw usageError(command, '`--qualifier` goes with an ARN', 'name the runtime by `--arn`');
    }
    if (id !== undefined && target === undefined) {
      throw usageError(command, '`--id` needs the server of the session', 'pass `--url`, `--arn` or `--target`');
    }
    take({
      command: 'stop',
      which: id !== undefined ? { by: 'id', id } : all ? { by: 'all' } : { by: 'name', name: names[0] ?? '' },
      target,
      auth: target?.auth ?? authChoice(command, true),
      json: isJson(command),
    });
  });
}
