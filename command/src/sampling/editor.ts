import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandError, EXIT } from '../common/command-error';
import { textsOf } from './request-text';
import type { Sampler } from './sampler';

const RULE = '# ---- write the answer above; what follows is left out ----';

/** Has a person answer in the editor of their choice. Rejects where there is no terminal for it. */
export function editorSampler(environment: NodeJS.ProcessEnv = process.env, hasTerminal = isAtTerminal()): Sampler {
  if (!hasTerminal) {
    throw new CommandError('`--sampling editor` needs a terminal: pass `scripted` or `bedrock:MODEL_ID`', EXIT.usage);
  }
  const editor = environment.VISUAL || environment.EDITOR || (process.platform === 'win32' ? 'notepad' : 'vi');
  return {
    name: `a person, by ${editor}`,
    remote: false,
    dispose: () => undefined,
    async sample({ systemPrompt, messages, maxTokens }, signal) {
      const directory = await mkdtemp(path.join(tmpdir(), 'stateful-mcp-answer-'));
      try {
        const file = path.join(directory, 'answer.txt');
        const asked = [
          ...(systemPrompt === undefined ? [] : [`system: ${systemPrompt}`]),
          ...messages.map(message => `${message.role}: ${textsOf(message).join('\n')}`),
          `(at most ${maxTokens} tokens)`,
        ];
        await writeFile(file, `\n\n${RULE}\n${asked.join('\n')}\n`, { mode: 0o600 });
        await edit(editor, file, signal);
        const text = (await readFile(file, 'utf8')).split(RULE, 1)[0]?.trim() ?? '';
        if (text === '') {
          throw new CommandError('no answer was written in the editor');
        }
        return { role: 'assistant', model: 'person', content: { type: 'text', text }, stopReason: 'endTurn' };
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

function isAtTerminal(): boolean {
  return process.stdin.isTTY && (process.stdout.isTTY || process.stderr.isTTY);
}

/** As git and others do: EDITOR may have arguments, so that the shell starts it. */
async function edit(editor: string, file: string, signal: AbortSignal): Promise<void> {
  // Where standard output is a result for a program, the terminal is the one of standard error.
  const screen = process.stdout.isTTY ? 'inherit' : process.stderr;
  const child = spawn(`${editor} "${file}"`, { shell: true, stdio: ['inherit', screen, 'inherit'], signal });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) {
    throw new CommandError(
      `the editor \`${editor}\` ended with ${code ?? 'a signal'}: set EDITOR to one that works here`,
    );
  }
}
