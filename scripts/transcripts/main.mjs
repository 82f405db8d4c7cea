// Holds the conversations of docs/guides/operate.md in a terminal (tmux) and writes what it shows into the page: each
// block behind `<!-- transcript: NAME -->`. Ids, ports and times are replaced, as in the recording of the README.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replacedIn } from '../recording/replacements.mjs';
import { Pane } from './pane.mjs';
import { SCENES } from './scenes.mjs';

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '..', '..');
const page = path.join(root, 'docs/guides/operate.md');
const home = mkdtempSync(path.join(tmpdir(), 'stateful-mcp-transcripts-'));
symlinkSync(path.join(root, 'command/stateful-mcp.mjs'), path.join(home, 'stateful-mcp'));
const env = {
  HOME: home,
  TMPDIR: home,
  XDG_RUNTIME_DIR: home,
  PATH: `${home}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
  PS1: '$ ',
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
};

const { dev, url } = await startDev();
const pane = new Pane(`stateful-mcp-${process.pid}`, { cwd: root, env });
try {
  let text = readFileSync(page, 'utf8');
  await pane.until(/^\$$/);
  for (const [name, hold] of Object.entries(SCENES)) {
    pane.clear();
    await pane.press('Enter');
    await pane.until(/^\$$/);
    pane.clear();
    await pane.press('Enter');
    await hold(pane, { url });
    const lines = pane.shown();
    const first = lines.findIndex(line => /^\$ \S/.test(line));
    const shown = replacedIn(lines.slice(first, -1).join('\n')).trimEnd();
    text = withBlock(text, name, shown);
    console.log(`${name}: ${lines.length} lines`);
  }
  writeFileSync(page, text);
} finally {
  pane.close();
  dev.kill('SIGINT');
  await new Promise(resolve => dev.once('exit', resolve));
  rmSync(home, { recursive: true, force: true });
}

function withBlock(text, name, shown) {
  const block = new RegExp(`(<!-- transcript: ${name} -->\n\n\`\`\`text\n)[^]*?(\n\`\`\`\n)`);
  if (!block.test(text)) {
    throw new Error(`docs/guides/operate.md has no block \`${name}\``);
  }
  return text.replace(block, (_all, before, after) => before + shown + after);
}

async function startDev() {
  const child = spawn(process.execPath, ['command/stateful-mcp.mjs', 'dev', '--port', '0', '--no-watch', '--json'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const serving = await new Promise((resolve, reject) => {
    let output = '';
    child.once('exit', code => reject(new Error(`dev ended with ${code}:\n${output}`)));
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text;
      const [, line] = /^(\{"type":"serving".*\})\n/m.exec(output) ?? [];
      if (line !== undefined) {
        resolve(JSON.parse(line));
      }
    });
  });
  return { dev: child, url: serving.url };
}
