// Every relative link of the documentation leads to a file and to a heading that exist, every path in backticks to a file or directory,
// and every `npm run` to a script.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const { scripts, workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const pagesIn = (directory, recursive = false) =>
  readdirSync(path.join(root, directory), { recursive })
    .filter(file => file.endsWith('.md') && !file.startsWith(`api${path.sep}`))
    .map(file => path.posix.join(directory, file));
const pages = [
  ...pagesIn('.'),
  ...pagesIn('docs', true),
  ...pagesIn('.github', true),
  ...workspaces.flatMap(directory => pagesIn(directory)),
];

const problems = pages
  .filter(page => page !== 'API.md')
  .flatMap(page => {
    const text = withoutFences(readFileSync(path.join(root, page), 'utf8'));
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter(target => !/^[a-z]+:/.test(target));
    const paths = [
      ...text.matchAll(
        /`((?:\.ci|\.github|bench|bin|client|command|contract|docs|lambda|lib|local|python|samples|scripts|server|test)\/[\w./-]*)`/g,
      ),
    ].map(([, named]) => named);
    const commands = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
    return [
      ...links.filter(target => !leadsSomewhere(page, target)).map(target => `${page}: nothing at the link ${target}`),
      ...paths
        .filter(named => !existsSync(path.join(root, named)) && !/(^|\/)(dist|api)(\/|$)/.test(named))
        .map(named => `${page}: nothing at ${named}`),
      ...commands.filter(name => !(name in scripts)).map(name => `${page}: no script ${name}`),
    ];
  });
if (problems.length > 0) {
  throw new Error(`the documentation names what does not exist:\n${problems.join('\n')}`);
}
console.log(`${pages.length} pages: every link, path and script exists`);

function leadsSomewhere(page, target) {
  const [file, heading] = target.split('#');
  const absolute = file === '' ? path.join(root, page) : path.join(root, path.dirname(page), file);
  if (!existsSync(absolute)) {
    return false;
  }
  return heading === undefined || headingsOf(readFileSync(absolute, 'utf8')).has(heading);
}

/** As GitHub makes anchors. */
function headingsOf(text) {
  return new Set(
    [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function withoutFences(text) {
  return text.replace(/^```[^]*?^```/gm, '');
}
