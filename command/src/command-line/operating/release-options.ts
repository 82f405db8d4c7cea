import { Option, type Command } from 'commander';
import type { ReleaseInvocation } from '../invocation';
import { addOption, anyText, usageError, type ReadValue } from '../option-values';
import { addJsonOption, isJson } from '../shared-options';
import { addTargetNames } from '../target-options';
import { addOperatorOptions, deploymentFlags } from './deployment-options';

type Name = ReleaseInvocation['command'];

const DESCRIPTIONS: Readonly<Record<Name, string>> = {
  versions: 'List the versions of a deployed server, which endpoint serves which, and which were checked.',
  promote: 'Have an endpoint of a deployed server serve another version.',
  rollback: 'Have an endpoint of a deployed server serve the checked version before the one that it serves.',
};

const USAGES: Readonly<Record<Name, string>> = {
  versions: '--arn ARN|--url URL|--target TARGET [--region REGION] [--profile NAME] [--json]',
  promote: 'VERSION --arn ARN|--url URL|--target TARGET [--endpoint NAME] [--region REGION] [--profile NAME] [--json]',
  rollback:
    '[VERSION] --arn ARN|--url URL|--target TARGET [--endpoint NAME] [--region REGION] [--profile NAME] [--json]',
};

/** The endpoint that a release moves. */
const LIVE = 'live';

const version: ReadValue<string> = (text, command, { long }) => {
  if (!/^[1-9]\d{0,4}$/.test(text)) {
    throw usageError(command, `\`${long}\` is \`${text}\``, 'pass the number of a version, from 1 to 99999');
  }
  return text;
};

/** Describes `versions`, `promote` and `rollback`. */
export function addRelease(command: Command, name: Name, take: (invocation: ReleaseInvocation) => void): void {
  command
    .argument('[WORDS...]')
    .usage(USAGES[name])
    .description(DESCRIPTIONS[name])
    .addHelpText(
      'after',
      `
The standard AWS credentials are used, and the endpoints of AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL and
AWS_ENDPOINT_URL_SSM, for a local control plane. What was checked is read from the parameter that the release of the server
writes in AWS Systems Manager.
${name === 'versions' ? '' : '\nSessions that are open keep their version; those that are begun later get the new one.\n'}
Exit code: 0, 1 when it failed, 2 when the command line was wrong.`,
    );
  addTargetNames(command);
  if (name !== 'versions') {
    addOption(command, new Option('--endpoint <NAME>', `The endpoint to move. Default: ${LIVE}.`), anyText);
  }
  addOperatorOptions(command);
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    take(invocationOf(command, name, words));
  });
}

function invocationOf(command: Command, name: Name, words: readonly string[]): ReleaseInvocation {
  const { endpoint = LIVE } = command.opts<{ endpoint?: string }>();
  const target = deploymentFlags(command);
  if (target === undefined) {
    throw usageError(command, `\`${name}\` needs \`--arn ARN\`, \`--url URL\` or \`--target stack:STACK/OUTPUT\``);
  }
  const [wanted, ...more] = words;
  const surplus = name === 'versions' ? words : more;
  if (surplus.length > 0) {
    throw usageError(
      command,
      `\`${name}\` takes ${name === 'versions' ? 'no version' : 'one version'}, got \`${words.join(' ')}\``,
    );
  }
  if (name === 'promote' && wanted === undefined) {
    throw usageError(command, '`promote` needs a version', '`stateful-mcp versions` lists them');
  }
  return {
    command: name,
    target,
    endpoint,
    json: isJson(command),
    ...(wanted !== undefined && { version: version(wanted, command, { long: 'VERSION' }) }),
  };
}
