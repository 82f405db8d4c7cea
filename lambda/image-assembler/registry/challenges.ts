/** What a server demands of a request before it answers it. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** By their names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';

/** What is between the commas of a list, where commas in quotation marks are part of an item. */
const ITEM = new RegExp(`(?:${QUOTED}|[^",])+`, 'g');
const PARAMETER = new RegExp(`^(${TOKEN})\\s*=\\s*(?:(${QUOTED})|([^\\s"=][^\\s"]*))$`);

/** A scheme begins a challenge, alone, with a parameter, or with a token (`token68`), which is of no use here. */
const BEGINNING = new RegExp(`^(${TOKEN})(?:\\s+(?!=)(.*))?$`, 's');

/**
 * The challenges in `WWW-Authenticate`: several in one header, several headers, which Node.js joins by commas, or both.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Record<string, string> }[] = [];
  for (const [text] of (header ?? '').matchAll(ITEM)) {
    const item = text.trim();
    const [, scheme, rest = ''] = BEGINNING.exec(item) ?? [];
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    }
    const [, name, quoted, bare = ''] = PARAMETER.exec(scheme === undefined ? item : rest) ?? [];
    const parameters = challenges.at(-1)?.parameters;
    if (name !== undefined && parameters !== undefined) {
      parameters[name.toLowerCase()] = quoted === undefined ? bare : quoted.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
    }
  }
  return challenges;
}

/** The challenges that can be met, the best first: a token for this repository, then a name and a password. */
export function chooseChallenge(
  challenges: readonly Challenge[],
  { hasCredentials }: { readonly hasCredentials: boolean },
): Challenge | undefined {
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && isWebUrl(parameters.realm ?? '')) ??
    challenges.find(({ scheme }) => scheme === 'basic' && hasCredentials)
  );
}

/** A host with a port parses as a URL, too. */
function isWebUrl(text: string): boolean {
  return /^https?:/i.test(text) && URL.canParse(text);
}
