import { Option, type Command } from 'commander';
import { addOAuthOptions, authChoice } from './auth-options';
import type { IdentityInvocation } from './invocation';
import { addOption, anyText, usageError } from './option-values';
import { addJsonOption, isJson } from './shared-options';
import { addQualifierOption, targetOf } from './target-options';

type Name = IdentityInvocation['command'];

const DESCRIPTIONS: Readonly<Record<Name, string>> = {
  login: 'Sign in to a server that takes tokens, in the browser, and keep them.',
  logout: 'Forget the tokens for a server, and have them revoked where that is possible.',
  whoami: 'Show as whom you are signed in to a server. Asks nobody.',
};

const EXIT_CODES: Readonly<Record<Name, string>> = {
  login: '1 when nobody signed in',
  logout: '1 when it failed',
  whoami: '1 when nobody is signed in',
};

/** Describes `login`, `logout` and `whoami`. */
export function addIdentity(command: Command, name: Name, take: (invocation: IdentityInvocation) => void): void {
  command
    .argument('[TARGET...]')
    .usage('TARGET [--qualifier NAME] [--client-id ID] [--scope SCOPE] [--json]')
    .description(DESCRIPTIONS[name])
    .addHelpText(
      'after',
      `
TARGET is a URL, the ARN of a runtime, or stack:STACK/OUTPUT. Tokens are kept for a server and a client: pass the same
--client-id or --metadata-url to ${name === 'login' ? '`call`, `proxy`, `logout` and `whoami`' : '`login`'}. They are in the keychain of the platform where
@napi-rs/keyring is installed, else in files that only you can read. Whom IAM lets in by SigV4 needs no sign-in.

Exit code: 0, ${EXIT_CODES[name]}, 2 when the command line was wrong.`,
    );
  addQualifierOption(command);
  addOption(command, new Option('--region <REGION>', 'Region of the stack.'), anyText);
  addOAuthOptions(command);
  addJsonOption(command);
  command.action((words: readonly string[]) => {
    const target = targetOf(command, words);
    const auth = authChoice(command, false, 'oauth');
    if (auth.by !== 'oauth') {
      throw usageError(command, `\`${name}\` is for people`, 'pass `--client-credentials` with the call itself');
    }
    take({ command: name, target: { ...target, auth }, json: isJson(command) });
  });
}
