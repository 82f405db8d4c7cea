// What bash offers after the script of `completion bash`.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../assembly';
import { COMMAND, run } from '../../run-command';

afterAll(removeTemporaryFolders);

const home = temporaryFolder();

/** The words that bash would offer after Tab. */
function offered(...words: string[]): string[] {
  const program = path.join(home, 'stateful-mcp');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${COMMAND} "$@"\n`);
  chmodSync(program, 0o755);
  const script = `
    _get_comp_words_by_ref() { cur="\${COMP_WORDS[COMP_CWORD]}"; prev="\${COMP_WORDS[COMP_CWORD-1]}"; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
    eval "$(stateful-mcp completion bash)"
    COMP_WORDS=(stateful-mcp "$@"); COMP_CWORD=$#; COMP_LINE="\${COMP_WORDS[*]}"; COMP_POINT=\${#COMP_LINE}
    __stateful_mcp_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', script, 'bash', ...words], {
    encoding: 'utf8',
    // Outside of a completion, bash does not let it switch the names of files off, and says so.
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: `${home}:${process.env.PATH}`, HOME: home },
  });
  return output.split('\n').filter(line => line !== '');
}

test('bash completes commands, flags, their values and kept sessions', () => {
  const directory = path.join(home, '.local/state/stateful-mcp/sessions');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    path.join(directory, 'a.json'),
    JSON.stringify({
      name: 'desk',
      url: 'http://h/mcp',
      sessionId: 's',
      initializeResult: {},
      startedAt: '',
      lastUsedAt: '',
    }),
  );
  expect(offered('se')).toEqual(['sessions']);
  expect(offered('call', '--sess')).toEqual(['--session']);
  expect(offered('logs', '--source', 'u')).toEqual(['usage']);
  expect(offered('call', '--session', '')).toEqual(['desk']);
  expect(offered('stop', 'd')).toEqual(['desk']);
  expect(offered('prompts', 'd')).toEqual(['describe']);
  expect(offered('install', 'k')).toEqual(['kiro']);
});

test.each(['zsh', 'fish'])('there is a script for %s', async shell => {
  const { code, stdout } = await run(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain('stateful-mcp complete -- ');
});
