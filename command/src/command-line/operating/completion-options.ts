import type { Command } from 'commander';
import { SHELLS, type CompletionInvocation } from '../invocation';
import { usageError } from '../option-values';
import { addJsonOption, isJson } from '../shared-options';

/** Describes `completion`. */
export function addCompletion(command: Command, take: (invocation: CompletionInvocation) => void): void {
  command
    .argument('[SHELL...]')
    .usage(`${SHELLS.join('|')} [--json]`)
    .description('Print the script that has a shell complete commands, flags and names by Tab.')
    .addHelpText(
      'after',
      `
bash: eval "$(stateful-mcp completion bash)" in ~/.bashrc
zsh:  eval "$(stateful-mcp completion zsh)" in ~/.zshrc, after \`compinit\`
fish: stateful-mcp completion fish > ~/.config/fish/completions/stateful-mcp.fish

It completes what this machine knows: commands, flags, values of flags, and names of kept sessions. It asks no server.`,
    );
  addJsonOption(command);
  command.action(([word, ...more]: readonly string[]) => {
    const shell = SHELLS.find(name => name === word);
    if (shell === undefined || more.length > 0) {
      const got = [word, ...more].filter(text => text !== undefined).join(' ');
      throw usageError(command, `\`completion\` is for ${SHELLS.join(', ')}${got === '' ? '' : `, got \`${got}\``}`);
    }
    take({ command: 'completion', shell, json: isJson(command) });
  });
}
