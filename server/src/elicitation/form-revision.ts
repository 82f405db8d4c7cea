import { ServerKitError } from '../common/errors';
import type { FormSchema } from './form-schema';

type Field = FormSchema['properties'][string];

/** The revision that brought titled choices by `oneOf`, lists of choices, and defaults of all types. */
const NEWEST_FORMS = '2025-11-25';

/**
 * The form that a client of a protocol revision can show. That of 2025-06-18 has texts, numbers, yes or no, and one
 * choice, with titles in `enumNames`; older revisions have none, so a client of theirs that declares forms gets these.
 * @param revision - the one that was agreed on; undefined for the newest
 * @throws ServerKitError `ERR_ELICITATION_SCHEMA` for what such a form cannot ask
 */
export function formOfRevision(schema: FormSchema, revision: string | undefined): FormSchema {
  if (revision === undefined || revision >= NEWEST_FORMS) {
    return schema;
  }
  const properties = Object.entries(schema.properties).map(([name, field]) => [
    name,
    olderField(name, field, revision),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as FormSchema['properties'] };
}

function olderField(name: string, field: Field, revision: string): Field {
  if (field.type === 'array') {
    throw new ServerKitError(
      'ERR_ELICITATION_SCHEMA',
      `\`${name}\` is a list of choices, which a client of protocol ${revision} cannot show: ` +
        `ask for one choice or for several times yes or no, or use a client of protocol ${NEWEST_FORMS}`,
    );
  }
  if (field.type === 'boolean') {
    return field;
  }
  const older: Record<string, unknown> = { ...field };
  delete older['default'];
  if ('oneOf' in field) {
    delete older['oneOf'];
    older['enum'] = field.oneOf.map(choice => choice.const);
    older['enumNames'] = field.oneOf.map(choice => choice.title);
  }
  return older as Field;
}
