const JSON_TYPE = 'application/json';
const EVENT_STREAM = 'text/event-stream';

/** What the SDK looks for, by spelling. */
export const CANONICAL_ACCEPT = `${JSON_TYPE}, ${EVENT_STREAM}`;

/** Whether a client takes what an exchange may be answered with: an event stream, and to POST also JSON. */
export function takesResponses({ method, headers }: Request): boolean {
  const accept = headers.get('accept');
  // "A request without any Accept header field implies that the user agent will accept any media type" (RFC 9110 12.5.1)
  const ranges = accept === null ? [{ range: '*/*', quality: 1 }] : accept.split(',').map(parseRange);
  const needed = method === 'POST' ? [JSON_TYPE, EVENT_STREAM] : [EVENT_STREAM];
  return needed.every(type => qualityOf(type, ranges) > 0);
}

interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase());
  const quality = parameters.find(parameter => /^q\s*=/.test(parameter));
  return { range, quality: quality === undefined ? 1 : Number(quality.replace(/^q\s*=\s*/, '')) || 0 };
}

/** The most specific range decides. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const wanted of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const fitting = ranges.filter(({ range }) => range === wanted);
    if (fitting.length > 0) {
      return Math.max(...fitting.map(({ quality }) => quality));
    }
  }
  return 0;
}
