// Records `npm start` in a terminal and draws it: `docs/recording.svg`. With --check, says whether that picture is current.
// Linux: the terminal is made by `script` of util-linux. Times, ids and ports are replaced, so that equal programs give equal pictures.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { framesOf } from './frames.mjs';
import { recordTerminal } from './record-terminal.mjs';
import { drawTerminal } from './draw-terminal.mjs';

const root = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..', '..');
const picture = path.join(root, 'docs', 'recording.svg');
const size = { columns: 100, rows: 30 };

const screens = await recordTerminal('npm start', { ...size, cwd: root });
const svg = drawTerminal(framesOf(screens, '$ npm start'), { ...size, title: 'npm start' });

if (!process.argv.includes('--check')) {
  writeFileSync(picture, svg);
  console.log(`docs/recording.svg: ${screens.length} screens, ${Math.round(svg.length / 1024)} KB`);
} else if (readFileSync(picture, 'utf8') !== svg) {
  throw new Error(
    'docs/recording.svg does not show what `npm start` does today: run `npm run recording`, look at the picture, and commit it',
  );
}
