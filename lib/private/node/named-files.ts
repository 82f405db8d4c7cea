import { escaped } from '../modules/patched';

/** What a source calls its own place. */
const OWN = /\b__dirname\b|\b__filename\b|\bimport\.meta\.(?:url|dirname|filename)\b/;

/** Places that are not the source's own. */
const OTHER = /\b(?:cwd|tmpdir|homedir)\(|\bprocess\.env\b/;

const ASSIGNMENT = /(?<![\w$])([\w$]{1,100})\s*(?::[^=;\n]{1,200})?(?<![=!<>])=(?![=>])\s*(?=([^;\n]{1,500}))/g;
const CALL = /(?<!\w)(join|resolve|new\s+URL)\(/g;
const TEMPLATE = /`\$\{([^{}`]{1,200})\}\/?([^`]*)`/g;
const SUM = /((?<![\w$.])[\w$.]{1,100}|\))\s*\+\s*(['"`])([^'"`\n]*)\2/g;
const META_RESOLVE = /import\.meta\.resolve\(\s*(['"`])([^'"`$]+)\1/g;
const MODULE = /(?<![\w$.])([\w$]+)(?:\s*:\s*[\w.]+)?\s*=\s*(?:[\w$]+\.)?createRequire\(/g;
const LONGEST_CALL = 2000;
const LONGEST_SOURCE = 300_000;
const NONE = /(?!)/;
const CREATED_REQUIRE = String.raw`createRequire\([^()]*\)`;

export interface NamedFile {
  /** With `/` between folders. */
  readonly name: string;

  /** Whether the source goes up from its own folder before, as far as can be seen. */
  readonly above: boolean;
}

/**
 * The files and folders that a source names by its own place. What it makes up when it runs is left out, up to the
 * folder before that.
 */
export function namedFiles(text: string): NamedFile[] {
  // What tools have made has names of one letter, each of them of many things.
  const aliases = text.length > LONGEST_SOURCE ? NONE : aliasesIn(text);
  const isOwn = (base: string): boolean => !OTHER.test(base) && (OWN.test(base) || aliases.test(base));
  const named = (base: string, parts: readonly string[]): NamedFile[] => {
    const name = pathOf(parts);
    return name === '' || !isOwn(base)
      ? []
      : [{ name, above: !OWN.test(base) || /dirname\([^()]*dirname\(/.test(base) }];
  };
  return [
    ...[...text.matchAll(CALL)].flatMap(({ 0: call, 1: callee = '', index }) => {
      const [first = '', ...others] = argumentsAt(text, index + call.length);
      return callee.startsWith('new') ? named(others.join(), [first]) : named(first, others);
    }),
    ...[...text.matchAll(TEMPLATE)].flatMap(([, base = '', rest = '']) => named(base, [`\`${rest}\``])),
    ...[...text.matchAll(SUM)].flatMap(({ 1: base = '', 3: rest = '', index }) =>
      named(base === ')' ? lineBefore(text, index + 1) : base, [`'${rest.replace(/^\//, '')}'`]),
    ),
    ...modulesIn(text)
      .filter(name => name.startsWith('.'))
      .map(name => ({ name, above: false })),
  ];
}

/**
 * What a source loads, or looks for, by a `require` of its own or by `import.meta.resolve`, which no bundler follows.
 */
export function modulesIn(text: string): string[] {
  const requires = [...text.matchAll(MODULE)].map(([, name = '']) => escaped(name));
  const call = new RegExp(
    String.raw`(?<![\w$.])(?:${[CREATED_REQUIRE, ...requires].join('|')})(?:\.resolve)?\(\s*(['"\x60])([^'"\x60$]+)\1`,
    'g',
  );
  return [...text.matchAll(call), ...text.matchAll(META_RESOLVE)].map(([, , name = '']) => name);
}

/** Names of variables and members that have something of the source's own place in them. */
function aliasesIn(text: string): RegExp {
  const assignments = [...text.matchAll(ASSIGNMENT)].map(([, name = '', value = '']) => ({ name, value }));
  const names = new Set<string>();
  const known = (): RegExp =>
    names.size === 0 ? NONE : new RegExp(`(?<![\\w$])(?:${[...names].map(escaped).join('|')})(?![\\w$(])`);
  for (let before = -1; before < names.size;) {
    before = names.size;
    const found = known();
    for (const { name, value } of assignments) {
      if (!OTHER.test(value) && !/createRequire\(/.test(value) && (OWN.test(value) || found.test(value))) {
        names.add(name);
      }
    }
  }
  return known();
}

/** Literals up to the first that is none: of a template, the folders before what it puts in. */
function pathOf(parts: readonly string[]): string {
  const names: string[] = [];
  for (const part of parts) {
    const [, quote, literal = ''] = /^\s*(['"`])(.*)\1\s*$/s.exec(part) ?? [];
    if (quote === undefined || /^[a-z][\w+.-]*:/i.test(literal)) {
      break;
    }
    const [known = '', ...unknown] = quote === '`' ? literal.split('${') : [literal];
    names.push(unknown.length === 0 ? known : known.slice(0, known.lastIndexOf('/') + 1));
    if (unknown.length > 0) {
      break;
    }
  }
  return names.filter(name => name !== '').join('/');
}

/** The arguments of a call, as they are written, where they are not longer than any that name a file. */
function argumentsAt(whole: string, start: number): string[] {
  const text = whole.slice(0, start + LONGEST_CALL);
  const found: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (/['"`]/.test(character)) {
      at = endOfLiteral(text, at);
    } else if (/[([{]/.test(character)) {
      depth++;
    } else if (/[)\]}]/.test(character)) {
      depth--;
      if (depth < 0) {
        return [...found, text.slice(from, at)].filter(part => part.trim() !== '');
      }
    } else if (character === ',' && depth === 0) {
      found.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [];
}

function endOfLiteral(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') {
      at++;
    } else if (text[at] === text[start]) {
      return at;
    }
  }
  return text.length;
}

function lineBefore(text: string, index: number): string {
  return text.slice(Math.max(text.lastIndexOf('\n', index), text.lastIndexOf(';', index)) + 1, index);
}
