import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CreateMessageRequestParams } from 'stateful-mcp-client';
import { editorSampler } from '../../../command/src/sampling/editor';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';

afterAll(removeTemporaryFolders);

const REQUEST: CreateMessageRequestParams = {
  systemPrompt: 'Be short.',
  maxTokens: 100,
  messages: [{ role: 'user', content: { type: 'text', text: 'Sure?' } }],
};
const { signal } = new AbortController();

/** An editor that is a shell script; `$2` is the file, behind an argument of EDITOR itself. */
function editor(script: string): NodeJS.ProcessEnv {
  const program = path.join(temporaryFolder(), 'edit');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return { EDITOR: `${program} --wait` };
}

const leftBehind = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('stateful-mcp-answer-'));

test('a person sees the request and answers above it', async () => {
  const copy = path.join(temporaryFolder(), 'shown');
  const sampler = editorSampler(
    editor(`cp "$2" ${copy}; { echo "Yes, sure."; cat "$2"; } > "$2.new"; mv "$2.new" "$2"`),
    true,
  );
  expect(await sampler.sample(REQUEST, signal)).toEqual({
    role: 'assistant',
    model: 'person',
    content: { type: 'text', text: 'Yes, sure.' },
    stopReason: 'endTurn',
  });
  expect(readFileSync(copy, 'utf8')).toContain('system: Be short.\nuser: Sure?\n(at most 100 tokens)');
  expect(leftBehind()).toEqual([]);
});

test.each([
  ['nothing was written', 'true', 'no answer was written in the editor'],
  ['the editor fails', 'exit 3', 'ended with 3: set EDITOR'],
])('%s: no answer', async (_name, script, message) => {
  await expect(editorSampler(editor(script), true).sample(REQUEST, signal)).rejects.toThrow(message);
  expect(leftBehind()).toEqual([]);
});

test('needs a terminal', () => {
  expect(() => editorSampler({}, false)).toThrow('`--sampling editor` needs a terminal');
});
