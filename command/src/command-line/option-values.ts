import type { Command, Option } from 'commander';
import { CommandError, EXIT } from '../common/command-error';
import type { SamplingChoice } from './invocation';

/** Reads the value of one option, of a command for whose users it says what is wrong. */
export type ReadValue<T> = ((text: string, command: Command, option: Pick<Option, 'long'>) => T) & {
  /** The only values that there are. */
  readonly choices?: readonly string[];
};

/** An error of the command line: what is wrong, what to do, and how to get help. */
export function usageError(command: Command, problem: string, advice?: string): CommandError {
  const isRoot = command.parent === null;
  const usage = isRoot
    ? `Commands: ${command.commands.map(one => one.name()).join(', ')}`
    : `Usage: stateful-mcp ${command.name()} ${command.usage()}`;
  const help = `stateful-mcp ${isRoot ? '' : `${command.name()} `}--help`;
  return new CommandError(`${problem}${advice ? `: ${advice}` : ''}\n\n${usage}\nMore: ${help}`, EXIT.usage);
}

export function oneOf<Value extends string>(allowed: readonly Value[]): ReadValue<Value> {
  const read: ReadValue<Value> = (text, command, { long }) => {
    const found = allowed.find(candidate => candidate === text);
    if (found === undefined) {
      throw usageError(command, `\`${long}\` is \`${text}\``, `pass one of ${allowed.join(', ')}`);
    }
    return found;
  };
  return Object.assign(read, { choices: allowed });
}

export const seconds: ReadValue<number> = (text, command, { long }) => {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0) {
    return number;
  }
  throw usageError(command, `\`${long}\` is \`${text}\``, 'pass a number of seconds above 0');
};

export const wholeNumber: ReadValue<number> = (text, command, { long }) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) {
    return number;
  }
  throw usageError(command, `\`${long}\` is \`${text}\``, 'pass a whole number above 0');
};

export const amount: ReadValue<number> = (text, command, { long }) => {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return Number(text);
  }
  throw usageError(command, `\`${long}\` is \`${text}\``, 'pass a number, 0 or more');
};

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How long ago, in milliseconds: `90s`, `10m`, `2h`, `1d`. */
export const age: ReadValue<number> = (text, command, { long }) => {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (number === undefined) {
    throw usageError(command, `\`${long}\` is \`${text}\``, 'pass a time such as 90s, 10m, 2h or 1d');
  }
  return Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
};

export const port: ReadValue<number> = (text, command, { long }) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) {
    return number;
  }
  throw usageError(command, `\`${long}\` is \`${text}\``, 'pass a number from 0 (a free port) to 65535');
};

export const environmentVariable: ReadValue<readonly [string, string]> = (text, command, { long }) => {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError(command, `\`${long}\` is \`${text}\``, 'pass NAME=VALUE');
  }
  return [name, value];
};

export const contextValue: ReadValue<readonly [string, string]> = (text, command, { long }) => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw usageError(command, `\`${long}\` is \`${text}\``, 'pass KEY=VALUE');
  }
  return [key, value];
};

/** @param values - the values that each setting can have */
export function setting(
  values: Readonly<Record<string, readonly string[]>>,
): ReadValue<readonly [string, string | number]> {
  return (text, command, { long }) => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
    const allowed = Object.entries(values).find(([candidate]) => candidate === name)?.[1];
    if (!allowed) {
      const names = Object.keys(values).join(', ');
      throw usageError(command, `\`${long}\` is \`${text}\``, `pass NAME=VALUE with one of the names ${names}`);
    }
    if (name === 'pingIntervalMs' && Number(value) > 0) {
      return [name, Number(value)];
    }
    if (!allowed.includes(value)) {
      throw usageError(command, `\`${long} ${name}\` is \`${value}\``, `pass one of ${allowed.join(', ')}`);
    }
    return [name, value];
  };
}

export const sampling: ReadValue<SamplingChoice> = (text, command, { long }) => {
  if (text === 'scripted') {
    return { by: 'scripted' };
  }
  const modelId = /^bedrock:(.+)$/.exec(text)?.[1];
  if (modelId !== undefined) {
    return { by: 'bedrock', modelId };
  }
  throw usageError(
    command,
    `\`${long}\` is \`${text}\``,
    'pass `scripted` or `bedrock:MODEL_ID`, for example bedrock:amazon.nova-lite-v1:0',
  );
};

export const serverUrl: ReadValue<string> = (text, command, { long }) => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(
      command,
      `\`${long}\` must be a URL of http or https, got ${text}`,
      'for example: http://127.0.0.1:8000/mcp',
    );
  }
  return text;
};

/** The value as it is. */
export const anyText: ReadValue<string> = text => text;

const CHOICES = new WeakMap<Option, readonly string[]>();

/** The only values that an option can have, for what completes them. */
export function choicesOf(option: Option): readonly string[] {
  return CHOICES.get(option) ?? [];
}

/** Adds an option with a value to a command. One without a value is an error that names it. */
export function addOption<T>(command: Command, option: Option, read: ReadValue<T>): Command {
  CHOICES.set(option, read.choices ?? []);
  return command.addOption(option.argParser(text => read(given(text, command, option), command, option)));
}

/** Adds an option that may be repeated. */
export function addRepeatedOption<T>(command: Command, option: Option, read: ReadValue<T>): Command {
  return command.addOption(
    option.argParser<readonly T[]>((text, before) => [
      ...(Array.isArray(before) ? (before as readonly T[]) : []),
      read(given(text, command, option), command, option),
    ]),
  );
}

/** An option takes what stands behind it, also another option: then its own value was forgotten. */
function given(text: string, command: Command, option: Option): string {
  if (text === '' || command.options.some(({ long }) => long === text)) {
    throw missingValue(command, option);
  }
  return text;
}

export function missingValue(command: Command, { flags, long }: Option): CommandError {
  return usageError(command, `\`${long}\` needs a value: \`${long} ${/<(.+)>/.exec(flags)?.[1] ?? ''}\``);
}
