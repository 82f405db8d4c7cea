import type { BuildOptions } from 'esbuild';

type Value = string | boolean;
type Flags = Readonly<Record<string, Value>>;

interface Meaning {
  /** What is allowed as the value. */
  readonly allowed: string;
  readonly isAllowed: (value: Value, name: string) => boolean;

  /** How esbuild's API says it; `name` is what stands behind a colon. */
  readonly option: (value: Value, name: string) => BuildOptions;
}

const isText = (value: Value): value is string => typeof value === 'string' && value !== '';
const isFlag = (value: Value): boolean => ['true', 'false', '', true, false].includes(value);
const isOn = (value: Value): boolean => value === true || value === 'true' || value === '';

function flag(option: 'ignoreAnnotations' | 'jsxDev' | 'jsxSideEffects' | 'preserveSymlinks' | 'treeShaking'): Meaning {
  return { allowed: 'true or false', isAllowed: isFlag, option: value => ({ [option]: isOn(value) }) };
}

function text(option: 'jsxFactory' | 'jsxFragment' | 'jsxImportSource' | 'tsconfigRaw'): Meaning {
  return { allowed: 'a text', isAllowed: isText, option: value => ({ [option]: value }) };
}

function oneOf(option: 'charset' | 'jsx' | 'legalComments', values: readonly string[]): Meaning {
  return {
    allowed: values.join(', '),
    isAllowed: value => values.includes(value as string),
    option: value => ({ [option]: value }),
  };
}

function list(option: 'resolveExtensions' | 'dropLabels'): Meaning {
  return {
    allowed: 'a text with commas between its parts',
    isAllowed: isText,
    option: value => ({ [option]: String(value).split(',') }),
  };
}

/** Of several, each is a flag of its own: `--drop:console`. */
function named(option: 'drop' | 'pure' | 'inject', isAllowed: (name: string) => boolean = isText): Meaning {
  return {
    allowed: 'true, with the name behind a colon',
    isAllowed: (value, name) => isOn(value) && isAllowed(name),
    option: (_value, name) => ({ [option]: [name] }),
  };
}

/** The flags that leave the bundle a program that AgentCore Runtime can start. */
const FLAGS: Readonly<Record<string, Meaning>> = {
  '--charset': oneOf('charset', ['ascii', 'utf8']),
  '--drop': named('drop', name => ['console', 'debugger'].includes(name)),
  '--drop-labels': list('dropLabels'),
  '--ignore-annotations': flag('ignoreAnnotations'),
  '--inject': named('inject'),
  '--jsx': oneOf('jsx', ['transform', 'automatic', 'preserve']),
  '--jsx-dev': flag('jsxDev'),
  '--jsx-factory': text('jsxFactory'),
  '--jsx-fragment': text('jsxFragment'),
  '--jsx-import-source': text('jsxImportSource'),
  '--jsx-side-effects': flag('jsxSideEffects'),
  // The others write a file of their own.
  '--legal-comments': oneOf('legalComments', ['none', 'inline', 'eof']),
  '--log-override': {
    allowed: 'silent, debug, verbose, info, warning or error, with the kind of message before it',
    isAllowed: (value, name) =>
      name !== '' && ['silent', 'debug', 'verbose', 'info', 'warning', 'error'].includes(value as string),
    option: (value, name) => ({ logOverride: { [name]: value } }) as BuildOptions,
  },
  '--preserve-symlinks': flag('preserveSymlinks'),
  '--pure': named('pure'),
  '--resolve-extensions': list('resolveExtensions'),
  '--supported': {
    allowed: 'true or false, with the name of a feature behind a colon',
    isAllowed: (value, name) => name !== '' && isFlag(value),
    option: (value, name) => ({ supported: { [name]: isOn(value) } }),
  },
  '--tree-shaking': flag('treeShaking'),
  '--tsconfig-raw': text('tsconfigRaw'),
};

/** Flags that are props as well. */
const PROPS: Readonly<Record<string, string>> = {
  '--alias': 'alias',
  '--conditions': 'conditions',
  '--define': 'define',
  '--external': 'externalModules',
  '--loader': 'loader',
  '--main-fields': 'mainFields',
  '--minify': 'minify',
  '--tsconfig': 'tsconfig',
};

export function esbuildFlagProblems(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([given, value]) => {
    const [flagName, name] = partsOf(given);
    const subject = `\`esbuildArgs\` has ${JSON.stringify(given)}`;
    const prop = Object.hasOwn(PROPS, flagName) ? PROPS[flagName] : undefined;
    if (prop !== undefined) {
      return [`${subject}; flags without a prop of their own are allowed: use \`${prop}\``];
    }
    const meaning = Object.hasOwn(FLAGS, flagName) ? FLAGS[flagName] : undefined;
    if (meaning === undefined) {
      return [
        `${subject}, which may leave no program that AgentCore Runtime can start, or is unknown; ${Object.keys(FLAGS).join(', ')} are allowed: leave it out, or build the server by esbuild yourself and give what it writes to \`McpServerCode.fromBundle\``,
      ];
    }
    return meaning.isAllowed(value, name)
      ? []
      : [`${subject}: ${JSON.stringify(value)}; ${meaning.allowed} is allowed: correct it`];
  });
}

/** What flags are in the words of esbuild's API. */
export function esbuildOptionsOf(flags: Flags): BuildOptions {
  const result: Record<string, unknown> = {};
  for (const [given, value] of Object.entries(flags)) {
    const [flagName, name] = partsOf(given);
    for (const [option, said] of Object.entries(FLAGS[flagName]?.option(value, name) ?? {}) as [string, unknown][]) {
      const before = result[option];
      result[option] =
        Array.isArray(said) && Array.isArray(before)
          ? [...(before as unknown[]), ...(said as unknown[])]
          : typeof said === 'object' && !Array.isArray(said)
            ? { ...(before as object | undefined), ...said }
            : said;
    }
  }
  return result;
}

function partsOf(given: string): [flag: string, name: string] {
  const colon = given.indexOf(':');
  return colon === -1 ? [given, ''] : [given.slice(0, colon), given.slice(colon + 1)];
}
