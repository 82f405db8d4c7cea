import type { Command } from 'commander';
import type { CatalogInvocation } from '../invocation';
import { usageError } from '../option-values';
import { addJsonOption, addSessionOption, isJson } from '../shared-options';
import { addTargetOptions, AUTHENTICATING, targetFlags } from '../target-options';

type Name = CatalogInvocation['command'];

const DESCRIPTIONS: Readonly<Record<Name, string>> = {
  tools: 'List the tools of a running server, or describe one.',
  prompts: 'List the prompts of a running server, describe one, or get it filled in.',
  resources: 'List the resources of a running server, describe one, or read it.',
};

const USAGES: Readonly<Record<Name, string>> = {
  tools: '[list | describe TOOL]',
  prompts: '[list | describe PROMPT | get PROMPT [JSON]]',
  resources: '[list | describe URI | get URI]',
};

const GET: Readonly<Record<Name, string>> = {
  tools: 'A tool is called by `stateful-mcp call`.',
  prompts: 'JSON is the object of the arguments of the prompt, whose values are texts.',
  resources: 'Templates are listed with the resources. A binary resource is printed as it is.',
};

/** Describes `tools`, `prompts` and `resources`. */
export function addCatalog(command: Command, name: Name, take: (invocation: CatalogInvocation) => void): void {
  command
    .argument('[WORDS...]')
    .usage(`${USAGES[name]} --url URL|--arn ARN|--target TARGET [AUTH] [--session NAME] [--json]`)
    .description(DESCRIPTIONS[name])
    .addHelpText(
      'after',
      `
${GET[name]} Without --session, a session begins for this command and ends with it.

${AUTHENTICATING}

Exit code: 0, 1 when it failed, 2 when the command line was wrong.`,
    );
  addTargetOptions(command);
  addSessionOption(command);
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    const wanted = wantedOf(command, name, words);
    const target = targetFlags(command);
    if (target === undefined) {
      throw usageError(
        command,
        `\`${name}\` needs \`--url URL\`, \`--arn ARN\` or \`--target stack:STACK/OUTPUT\``,
        `for example: stateful-mcp ${name} --url http://127.0.0.1:8000/mcp`,
      );
    }
    const { session } = command.opts<{ session?: string }>();
    take({ command: name, target, wanted, session, json: isJson(command) });
  });
}

function wantedOf(
  command: Command,
  kind: Name,
  [verb = 'list', name, json, ...more]: readonly string[],
): CatalogInvocation['wanted'] {
  const verbs = kind === 'tools' ? ['list', 'describe'] : ['list', 'describe', 'get'];
  if (!verbs.includes(verb)) {
    throw usageError(command, `\`${kind}\` cannot \`${verb}\``, `pass one of ${verbs.join(', ')}`);
  }
  const extra = verb === 'list' ? name : verb === 'get' && kind === 'prompts' ? more[0] : json;
  if (extra !== undefined) {
    throw usageError(command, `\`${kind} ${verb}\` takes no argument \`${extra}\``, 'quote what has spaces in it');
  }
  if (verb === 'list') {
    return { verb };
  }
  if (name === undefined) {
    throw usageError(command, `\`${kind} ${verb}\` needs a ${kind === 'resources' ? 'URI' : 'name'}`);
  }
  return verb === 'describe' ? { verb, name } : { verb: 'get', name, args: promptArguments(command, json ?? '{}') };
}

function promptArguments(command: Command, json: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    parsed = undefined;
  }
  if (
    typeof parsed !== 'object' ||
    parsed === null ||
    Array.isArray(parsed) ||
    !Object.values(parsed).every(value => typeof value === 'string')
  ) {
    throw usageError(
      command,
      `the arguments of a prompt must be a JSON object of texts, got \`${json}\``,
      'for example \'{"language":"English"}\'',
    );
  }
  return parsed as Record<string, string>;
}
