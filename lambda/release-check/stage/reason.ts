import { findingText, type CheckFinding } from 'stateful-mcp-contract';

/** CloudFormation takes 4 KB with all else that is in the answer; quotation marks and line ends take two bytes each. */
const FINDINGS_BYTES = 1_700;
const LOG_BYTES = 1_000;

export interface ReasonParts {
  /** What the check was about, such as "version 3". */
  readonly subject: string;
  readonly findings: readonly CheckFinding[];
  /** The last lines of the server's own log. */
  readonly log: readonly string[];
  /** What users get meanwhile. */
  readonly live: string;
  /** Where the whole transcript is. */
  readonly transcript: string;
}

/**
 * Why a check was not passed, in words: what was expected, what came, what users get meanwhile, where there is more, and
 * the server's own last lines.
 */
export function reasonOf({ subject, findings, log, live, transcript }: ReasonParts): string {
  const failed = findings.filter(({ verdict }) => verdict === 'fail');
  const shown = failed.length > 0 ? failed : findings.filter(({ verdict }) => verdict === 'inconclusive');
  const what = failed.length > 0 ? 'failed' : 'left open';
  const lines = fitting([...log].reverse(), LOG_BYTES).reverse();
  const texts = fitting(shown.map(findingText), FINDINGS_BYTES);
  const more = shown.length - texts.length;
  return [
    `${subject} ${what} ${shown.length} of ${findings.length} checks: ${texts.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    live,
    `the whole transcript is in ${transcript}`,
    ...(lines.length > 0 ? [`the last lines of the server's log:\n${lines.join('\n')}`] : []),
  ].join('. ');
}

/** As many texts as there is room for, the first one cut if it must be. */
function fitting(texts: readonly string[], bytes: number): string[] {
  const taken: string[] = [];
  let room = bytes;
  for (const text of texts) {
    room -= Buffer.byteLength(JSON.stringify(text));
    if (room < 0) {
      return taken.length === 0 ? [text.slice(0, bytes / 4)] : taken;
    }
    taken.push(text);
  }
  return taken;
}
