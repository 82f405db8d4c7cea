import { readFile } from 'node:fs/promises';
import { CommandError, EXIT } from '../common/command-error';
import { parsedJson } from '../common/json-file';
import { indexOfAnswer, problemWithAnswers } from 'stateful-mcp-contract';
import { problemWith } from './field-check';
import {
  askableFields,
  fieldsOf,
  type FieldValue,
  type FlatSchema,
  type FormField,
  type NumberField,
  type TextField,
} from './form-fields';

/** What a user does with a question, as a file says it. */
export type ScriptedAnswer =
  { readonly accept: Readonly<Record<string, unknown>> } | { readonly action: 'accept' | 'decline' | 'cancel' };

type WrittenAnswer = (ScriptedAnswer & { readonly question?: string }) | 'accept' | 'decline' | 'cancel';

/** Answers prepared in a file: values by field name for any question, and a list of answers for one question each. */
export class PreparedAnswers {
  public constructor(
    /** Values by field name; those that tools require as arguments are among them. */
    public readonly values: Readonly<Record<string, unknown>> = {},
    private readonly script?: WrittenAnswer[],
  ) {}

  /** Whether there is a list: then an answer is never made up. */
  public get isScript(): boolean {
    return this.script !== undefined;
  }

  /** How many answers of the list are left. */
  public get unused(): number {
    return this.script?.length ?? 0;
  }

  /** Takes the answer for a question from the list. */
  public take(message: string): ScriptedAnswer | undefined {
    const index = indexOfAnswer(this.script ?? [], message);
    const [answer] = index === -1 ? [] : (this.script?.splice(index, 1) ?? []);
    return typeof answer === 'string' ? { action: answer } : answer;
  }
}

/** Where the value of a field comes from. */
export type AnswerSource = 'answers file' | 'default' | 'first choice' | 'made up';

export interface AnsweredForm {
  readonly content: Record<string, FieldValue>;
  readonly sources: Readonly<Record<string, AnswerSource>>;
}

/** Reads the file given by `--answers`. */
export async function readAnswers(file: string | undefined): Promise<PreparedAnswers> {
  if (file === undefined) {
    return new PreparedAnswers();
  }
  let parsed: unknown;
  try {
    parsed = parsedJson(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CommandError(`\`--answers\` ${file} cannot be read: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null) {
    throw new CommandError(
      `\`--answers\` ${file} must hold a JSON object of field name and value, such as { "amount": 12.5 }, ` +
        'or a list of answers, such as [{ "accept": { "amount": 12.5 } }, "decline"]',
      EXIT.usage,
    );
  }
  const { elicitation, ...values } = Array.isArray(parsed)
    ? { elicitation: parsed }
    : (parsed as Record<string, unknown>);
  if (!Array.isArray(elicitation)) {
    return new PreparedAnswers(parsed as Record<string, unknown>);
  }
  const problem = problemWithAnswers(elicitation);
  if (problem !== undefined) {
    throw new CommandError(`\`--answers\` ${file}: ${problem}`, EXIT.usage);
  }
  return new PreparedAnswers(values, elicitation as WrittenAnswer[]);
}

/** What is answered to a question without asking anybody. */
export type AnsweredQuestion = AnsweredForm | { readonly action: 'decline' | 'cancel' };

/**
 * Answers a question as the file says: by its list, else by its values. Without a list, a field that has no value gets
 * its default, its first choice, or a valid value.
 */
export function answerQuestion(message: string, schema: FlatSchema, prepared: PreparedAnswers): AnsweredQuestion {
  const scripted = prepared.take(message);
  const fields = askableFields(schema);
  if (scripted === undefined) {
    const open = fields.find(
      field => field.required && field.default === undefined && !Object.hasOwn(prepared.values, field.name),
    );
    if (prepared.isScript && open !== undefined) {
      throw new CommandError(`the answers file has no answer left for "${message}" with the field \`${open.name}\``);
    }
    return answerForm(schema, prepared.values);
  }
  if ('action' in scripted) {
    const { action } = scripted;
    return action === 'accept' ? answerForm(schema, prepared.values) : { action };
  }
  const unknown = Object.keys(scripted.accept).find(name => !fields.some(field => field.name === name));
  if (unknown !== undefined) {
    throw new CommandError(
      `\`${unknown}\` of the answers file is no field of "${message}", which has ${fields.map(({ name }) => `\`${name}\``).join(', ') || 'none'}`,
    );
  }
  return answerForm(schema, { ...prepared.values, ...scripted.accept });
}

/**
 * Answers a form without asking anybody: by name from the prepared answers, else by the default, else by the first
 * choice, else by a valid value made from the schema. Fields that may be left out, and have neither, are left out.
 */
export function answerForm(schema: FlatSchema, prepared: PreparedAnswers['values']): AnsweredForm {
  const content: Record<string, FieldValue> = {};
  const sources: Record<string, AnswerSource> = {};
  for (const field of fieldsOf(schema)) {
    const answer =
      preparedAnswer(field, prepared) ?? defaultAnswer(field) ?? (field.required ? madeUpAnswer(field) : undefined);
    if (answer === undefined) {
      continue;
    }
    content[field.name] = answer.value;
    sources[field.name] = answer.source;
  }
  return { content, sources };
}

interface Answer {
  readonly value: FieldValue;
  readonly source: AnswerSource;
}

/** The prepared answer for a field, or `undefined` when there is none. Throws when it does not fit. */
export function preparedAnswer(field: FormField, prepared: PreparedAnswers['values']): Answer | undefined {
  if (!Object.hasOwn(prepared, field.name)) {
    return undefined;
  }
  const value = prepared[field.name];
  const problem = problemWith(field, value);
  if (problem) {
    throw new CommandError(`\`${field.name}\` of the answers file is ${JSON.stringify(value)}, but it ${problem}`);
  }
  return { value: value as FieldValue, source: 'answers file' };
}

/** A default that does not fit its own field is none. */
function defaultAnswer(field: FormField): Answer | undefined {
  if (field.default === undefined || problemWith(field, field.default) !== undefined) {
    return undefined;
  }
  return { value: typeof field.default === 'object' ? [...field.default] : field.default, source: 'default' };
}

function madeUpAnswer(field: FormField): Answer {
  switch (field.kind) {
    case 'choice':
      return { value: field.choices[0]?.value ?? '', source: 'first choice' };
    case 'choices':
      return {
        value: field.choices.slice(0, Math.max(1, field.minItems ?? 1)).map(({ value }) => value),
        source: 'first choice',
      };
    case 'texts': {
      const most = Array.from(
        { length: Math.max(1, field.minItems ?? 1) },
        (_, index) => `made-up ${field.name} ${index + 1}`,
      );
      return { value: most, source: 'made up' };
    }
    case 'boolean':
      return { value: true, source: 'made up' };
    case 'number':
      return { value: madeUpNumber(field), source: 'made up' };
    case 'text':
      return { value: madeUpText(field), source: 'made up' };
  }
}

/** 1, or what is nearest to it in the range. */
function madeUpNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, integer }: NumberField): number {
  const above =
    exclusiveMinimum === undefined ? undefined : integer ? Math.floor(exclusiveMinimum) + 1 : exclusiveMinimum;
  const below =
    exclusiveMaximum === undefined ? undefined : integer ? Math.ceil(exclusiveMaximum) - 1 : exclusiveMaximum;
  const least = Math.max(minimum ?? -Infinity, above ?? -Infinity);
  const most = Math.min(maximum ?? Infinity, below ?? Infinity);
  const nearest = Math.min(Math.max(1, integer ? Math.ceil(least) : least), integer ? Math.floor(most) : most);
  if (nearest !== exclusiveMinimum && nearest !== exclusiveMaximum) {
    return nearest;
  }
  // On an open end of the range: half-way to the other end, or one step inside.
  if (least !== -Infinity && most !== Infinity) {
    return (least + most) / 2;
  }
  return nearest === exclusiveMinimum ? nearest + 1 : nearest - 1;
}

const MADE_UP: Readonly<Record<string, string>> = {
  email: 'someone@example.com',
  uri: 'https://example.com/',
  date: '2026-01-31',
  'date-time': '2026-01-31T09:30:00Z',
};

function madeUpText({ name, format, minLength = 0, maxLength = Infinity }: TextField): string {
  const text = MADE_UP[format ?? ''] ?? `made-up ${name}`;
  return text.padEnd(minLength, '.').slice(0, maxLength);
}
