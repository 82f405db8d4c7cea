// What shells offer after the script of `completion`, in the shells themselves: somebody types at a terminal.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { COMMAND, run } from '../../run-command';

afterAll(removeTemporaryFolders);

const home = temporaryFolder();

const SESSION = { url: 'http://h/mcp', sessionId: 's', initializeResult: {}, startedAt: '', lastUsedAt: '' };

beforeAll(() => {
  // For completions it is the command; else it shows the words that it got.
  const program = path.join(home, 'stateful-mcp');
  writeFileSync(
    program,
    `#!/bin/sh\ncase "$1" in complet*) exec '${process.execPath}' '${COMMAND}' "$@" ;; esac\nprintf 'got'; printf ' <%s>' "$@"; echo ' end'\n`,
  );
  chmodSync(program, 0o755);
  const directory = path.join(home, '.local/state/stateful-mcp/sessions');
  mkdirSync(directory, { recursive: true });
  for (const [file, name] of ['desk', 'front room', '$(touch evil)'].entries()) {
    writeFileSync(path.join(directory, `${file}.json`), JSON.stringify({ name, ...SESSION }));
  }
  writeFileSync(path.join(home, 'my answers.json'), '{}');
});

/** How each shell is started without the settings of anybody, and reads the script. */
const SHELLS = {
  bash: ['bash --norc --noprofile -i', 'bind "set enable-bracketed-paste off"; eval "$(stateful-mcp completion bash)"'],
  zsh: [
    'zsh -f -i',
    'autoload -U compinit; compinit -D -u; unsetopt zle_bracketed_paste prompt_sp; eval "$(stateful-mcp completion zsh)"',
  ],
  fish: ['fish --no-config -i', 'stateful-mcp completion fish | source'],
} as const;

type ShellName = keyof typeof SHELLS;

const isInstalled = (shell: ShellName): boolean => spawnSync(shell, ['--version']).status === 0;

/** The words that the command gets after somebody has typed these keys, and Enter. */
async function typed(shell: ShellName, keys: string): Promise<string[]> {
  const [start, setUp] = SHELLS[shell];
  const terminal = spawn('script', ['-qec', `stty cols 200 rows 40; exec ${start}`, '/dev/null'], {
    cwd: home,
    env: { PATH: `${home}:${process.env.PATH}`, HOME: home, TERM: 'xterm', PS1: '$ ' },
  });
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (const end = Date.now() + 30_000; Date.now() < end;) {
      const found = pattern.exec(stripVTControlCharacters(shown));
      if (found !== null) {
        return found;
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    throw new Error(`${shell} has not shown ${String(pattern)}:\n${stripVTControlCharacters(shown)}`);
  };
  try {
    terminal.stdin.write(`${setUp}; echo rea''dy\r`);
    await until(/ready/);
    terminal.stdin.write(`${keys}\r`);
    const [, words = ''] = await until(/got (.*) end/);
    return [...words.matchAll(/<(.*?)>/g)].map(([, word = '']) => word);
  } finally {
    terminal.kill('SIGKILL');
  }
}

const CASES: readonly (readonly [what: string, keys: string, words: readonly string[]])[] = [
  ['a command', 'se\t', ['sessions']],
  ['a flag', 'call --sess\t', ['call', '--session']],
  ['the value of a flag', 'logs --source u\t', ['logs', '--source', 'usage']],
  ['the value behind =', 'logs --source=u\t', ['logs', '--source=usage']],
  ['a word that a command takes', 'install k\t', ['install', 'kiro']],
  ['the name of a session', 'stop d\t', ['stop', 'desk']],
  ['a name with a space', 'call --session f\t', ['call', '--session', 'front room']],
  ['a name that is code', "stop '$\t", ['stop', '$(touch evil)']],
  ['a file', 'call --answers my\t', ['call', '--answers', 'my answers.json']],
  ['a file behind =', 'call --answers=my\t', ['call', '--answers=my answers.json']],
  ['what follows JSON', `call pay '{"a": "b"}' --sess\t`, ['call', 'pay', '{"a": "b"}', '--session']],
  [
    'what follows a URL',
    `call --url 'http://h:1/mcp?a=b' --sess\t`,
    ['call', '--url', 'http://h:1/mcp?a=b', '--session'],
  ],
];

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const here = isInstalled(shell);
  if (!here) {
    process.stderr.write(`LEFT OUT: completion in ${shell}; \`bash scripts/shells.sh\` installs it\n`);
  }
  (here ? describe : describe.skip)(shell, () => {
    test.each(CASES)('completes %s', async (_what, keys, words) => {
      expect(await typed(shell, `stateful-mcp ${keys}`)).toEqual(words);
    });
  });
}

test.each(['bash', 'zsh', 'fish'])('there is a script for %s, also as JSON', async shell => {
  const { code, stdout } = await run(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain('stateful-mcp complete -- ');
  const json = await run(['completion', shell, '--json']);
  expect(JSON.parse(json.stdout)).toEqual({ shell, script: stdout });
});
