import type { BundleCodeOptions } from './bundle-code-options';
import type { DockerfileCodeOptions } from './dockerfile-code-options';
import { Packaging } from '../packaging/packaging';
import { interpreter } from '../private/common/cdk-kinds';
import { filePath } from '../private/common/file-path';
import {
  flag,
  instanceOf,
  kind,
  like,
  mapOf,
  nonEmptyText,
  nonEmptyTexts,
  optional,
  textMap,
  texts,
  type Kinds,
} from '../private/common/kinds';
import type { PythonCodeOptions } from './python-code-options';
import type { PythonStdioCodeOptions } from './python-stdio-code-options';
import type { StdioCodeOptions } from './stdio-code-options';
import type { TypeScriptCodeOptions } from './typescript-code-options';

// The kinds of all options of code. The compiler asks for a row here when an option is added.

const packaging = optional(
  instanceOf('Packaging', () => Packaging, 'make one with `Packaging.image()` or `Packaging.zip()`'),
);

const flags = mapOf(
  kind('a string or a boolean', 'give it a value, or leave it out', value =>
    ['string', 'boolean'].includes(typeof value),
  ),
  'strings or booleans',
);

const commandHooks = like(
  'ICommandHooks',
  ['beforeBundling()', 'beforeInstall()', 'afterBundling()'],
  'give an object with the methods `beforeBundling`, `beforeInstall` and `afterBundling`, each of which gives a list of commands',
);
/** The value is not shown: it may be the secret itself, which Docker would not take. */
function buildSecret(value: unknown, name: string): string[] {
  return typeof value === 'string' && /^(?:src|source|env|type)=./.test(value)
    ? []
    : [
        `\`${name}\` does not say where the secret is; what \`DockerBuildSecret\` makes is allowed: give \`DockerBuildSecret.fromSrc(...)\``,
      ];
}

export const TYPESCRIPT_OPTIONS: Kinds<TypeScriptCodeOptions> = {
  packaging,
  externalModules: optional(nonEmptyTexts),
  mainFields: optional(nonEmptyTexts),
  nodeModules: optional(nonEmptyTexts),
  assets: optional(nonEmptyTexts),
  telemetry: optional(flag),
  minify: optional(flag),
  loader: optional(textMap),
  define: optional(textMap),
  alias: optional(textMap),
  conditions: optional(nonEmptyTexts),
  tsconfig: optional(filePath),
  esbuildArgs: optional(flags),
  commandHooks: optional(commandHooks),
};

export const BUNDLE_OPTIONS: Kinds<BundleCodeOptions> = { exclude: optional(nonEmptyTexts), packaging };

export const STDIO_OPTIONS: Kinds<StdioCodeOptions> = {
  projectDirectory: optional(filePath),
  program: optional(nonEmptyText),
  args: optional(texts),
  externalModules: optional(nonEmptyTexts),
  packaging,
};

export const PYTHON_OPTIONS: Kinds<PythonCodeOptions> = {
  entry: optional(nonEmptyText),
  interpreter: optional(interpreter),
  exclude: optional(nonEmptyTexts),
  packaging,
};

export const PYTHON_STDIO_OPTIONS: Kinds<PythonStdioCodeOptions> = {
  projectDirectory: optional(filePath),
  program: optional(nonEmptyText),
  args: optional(texts),
  interpreter: optional(interpreter),
  packaging,
};

export const DOCKERFILE_OPTIONS: Kinds<DockerfileCodeOptions> = {
  file: optional(nonEmptyText),
  target: optional(nonEmptyText),
  buildArgs: optional(textMap),
  buildSecrets: optional(mapOf(buildSecret)),
};
