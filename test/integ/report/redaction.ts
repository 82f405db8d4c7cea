/** What a report must not have, although an answer or an error has it: by its form. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/(arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:)\d{12}(?=:)/g, '$1ACCOUNT'],
  [/(arn%3Aaws[a-z-]*%3A[a-z0-9-]*%3A[a-z0-9-]*%3A)\d{12}(?=%3A)/gi, '$1ACCOUNT'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'TOKEN'],
  [/\b(Bearer|Basic) [\w.~+/=-]+/g, '$1 TOKEN'],
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, 'KEY'],
];

/**
 * A text without the account, tokens and keys.
 *
 * @param secrets - others that are known, such as the secret of a client
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const known = secrets.filter(secret => secret.length > 0).sort((one, other) => other.length - one.length);
  const withoutKnown = known.reduce(
    (rest, secret) => rest.replaceAll(secret, /^\d{12}$/.test(secret) ? 'ACCOUNT' : 'SECRET'),
    text,
  );
  return FORMS.reduce((rest, [form, instead]) => rest.replaceAll(form, instead), withoutKnown);
}
