const CELL = { width: 8.4, height: 19, size: 14 };
const MARGIN = { side: 22, top: 50, bottom: 20 };
const COLOURS = {
  window: '#161b22',
  edge: '#30363d',
  text: '#e6edf3',
  dim: '#8b949e',
  title: '#8b949e',
  ansi: ['#6e7681', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#e6edf3', '#6e7681'],
};

/** An SVG that plays frames `{ lines, seconds }` again and again, each with its last `rows` lines; who wants no motion sees the last frame. */
export function drawTerminal(frames, { columns, rows, title }) {
  const width = round(columns * CELL.width + 2 * MARGIN.side);
  const height = rows * CELL.height + MARGIN.top + MARGIN.bottom;
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  const drawn = new Map();
  const styles = [];
  const groups = frames.map(({ lines, seconds }, index) => {
    const begin = frames.slice(0, index).reduce((sum, frame) => sum + frame.seconds, 0);
    styles.push(keyframes(index, begin / total, (begin + seconds) / total));
    const rowsOfFrame = lines.slice(-rows).map((line, row) => {
      const content = drawLine(line);
      if (content === '') {
        return '';
      }
      if (!drawn.has(content)) {
        drawn.set(content, `l${drawn.size}`);
      }
      return `<use href="#${drawn.get(content)}" y="${row * CELL.height}"/>`;
    });
    return `<g class="f" id="f${index}" style="animation-name:a${index}">${rowsOfFrame.join('')}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A recording of ${title}">
<style>
text{font:${CELL.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${COLOURS.text};white-space:pre}
.d{fill:${COLOURS.dim}}.b{font-weight:bold}${COLOURS.ansi.map((colour, index) => `.c${index}{fill:${colour}}`).join('')}
.f{visibility:hidden;animation-duration:${round(total)}s;animation-iteration-count:infinite;animation-timing-function:step-end}
${styles.join('\n')}
@media (prefers-reduced-motion:reduce){.f{animation:none}#f${frames.length - 1}{visibility:visible}}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${COLOURS.window}" stroke="${COLOURS.edge}"/>
<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>
<text x="${round(width / 2)}" y="25" text-anchor="middle" style="fill:${COLOURS.title}">${escaped(title)}</text>
<defs>
${[...drawn].map(([content, id]) => `<g id="${id}">${content}</g>`).join('\n')}
</defs>
<g transform="translate(${MARGIN.side} ${MARGIN.top})">
${groups.join('\n')}
</g>
</svg>
`;
}

function keyframes(index, from, to) {
  const steps = [
    [0, from === 0],
    [from, true],
    [to, false],
  ].filter(([at], step) => step === 0 || (at > 0 && at < 1));
  return `@keyframes a${index}{${steps.map(([at, visible]) => `${round(at * 100)}%{visibility:${visible ? 'visible' : 'hidden'}}`).join('')}}`;
}

/** Each run of one style at its column and with its width, whatever font there is. */
function drawLine(line) {
  let column = 0;
  return line
    .map(({ text, colour, bold, dim }) => {
      const start = column + text.length - text.trimStart().length;
      column += text.length;
      const shown = text.trim();
      if (shown === '') {
        return '';
      }
      const classes = [colour === undefined ? '' : `c${colour}`, dim ? 'd' : '', bold ? 'b' : '']
        .filter(name => name !== '')
        .join(' ');
      return `<text x="${round(start * CELL.width)}" y="${CELL.size}" textLength="${round(shown.length * CELL.width)}"${classes ? ` class="${classes}"` : ''}>${escaped(shown)}</text>`;
    })
    .join('');
}

const round = number => Math.round(number * 1000) / 1000;
const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
