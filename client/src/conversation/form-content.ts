import {
  fromJsonSchema,
  ProtocolError,
  ProtocolErrorCode,
  type ElicitRequestFormParams,
  type ElicitResult,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';

type Content = NonNullable<ElicitResult['content']>;
type Form = ElicitRequestFormParams['requestedSchema'];

/**
 * What a handler has filled in, with the defaults of what it has left out. A default that does not fit its own field,
 * such as an empty text for an e-mail address, is none.
 *
 * @throws StatefulMcpClientError `ERR_ELICITATION_ANSWER` when it does not fit the form
 */
export async function formContent(
  content: ElicitResult['content'],
  { requestedSchema: form }: ElicitRequestFormParams,
): Promise<Content> {
  const complete: Content = { ...content };
  for (const [name, property] of Object.entries(form.properties)) {
    if (complete[name] === undefined && property.default !== undefined) {
      const alone = { ...form, properties: { [name]: property }, required: [] };
      if ((await issuesOf(alone, { [name]: property.default })) === undefined) {
        complete[name] = property.default;
      }
    }
  }
  const issues = await issuesOf(form, complete);
  if (issues === undefined) {
    return complete;
  }
  throw new StatefulMcpClientError(
    'ERR_ELICITATION_ANSWER',
    `the answer of the elicitation handler does not fit the schema of the question (${issues}), got ${JSON.stringify(complete)}`,
  );
}

async function issuesOf(form: Form, content: Content): Promise<string | undefined> {
  const { issues } = await schemaOf(form)['~standard'].validate(content);
  return issues?.map(({ message }) => message).join('; ');
}

function schemaOf(form: Form): ReturnType<typeof fromJsonSchema> {
  const properties = Object.fromEntries(
    Object.entries(form.properties).map(([name, property]) => [name, withoutForeignPattern(property)]),
  );
  try {
    return fromJsonSchema({ ...form, properties });
  } catch (cause) {
    const { message } = cause as Error;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `the form is not a valid JSON Schema: ${message}`);
  }
}

/** A pattern in the syntax of another language, such as Python's `\-` or `(?P<name>…)`, is for the server to check. */
function withoutForeignPattern(property: object): object {
  const { pattern, ...rest } = property as { readonly pattern?: unknown };
  if (typeof pattern !== 'string') {
    return property;
  }
  try {
    new RegExp(pattern, 'u');
    return property;
  } catch {
    return rest;
  }
}
