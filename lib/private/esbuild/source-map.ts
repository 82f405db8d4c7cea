/** A source map, revision 3 (https://tc39.es/ecma426/). */
interface SourceMap {
  readonly sources: (string | null)[];
  readonly names?: string[];
  readonly mappings: string;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By the code of the digit. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, DIGITS.indexOf(String.fromCharCode(code))));
const COMMA = ','.charCodeAt(0);
const SEMICOLON = ';'.charCodeAt(0);

/**
 * A digit has five bits of a number, least significant first, and one that says whether more follow. The last bit of a
 * number is its sign.
 */
const BITS = 5;
const MORE = 1 << BITS;

/** In packages, a stack trace shows where in the bundle it is, instead of where in the package. */
const PACKAGE = /(?:^|\/)node_modules\//;

/**
 * Leaves out of a source map what concerns packages: that is most of it, and travels with every version.
 */
export function ownSources(json: string): string {
  const { sources, names = [], mappings, ...rest } = JSON.parse(json) as SourceMap;
  const keptSources = new Kept(sources, source => source === null || !PACKAGE.test(source));
  const keptNames = new Kept(names, () => true);
  const from = new Mappings(mappings);
  const to = { source: 0, sourceLine: 0, sourceColumn: 0, name: 0 };
  // Whether what was written last says that its code comes from nowhere. Node.js looks in the lines above, too.
  let nowhere = true;
  let line = 0;
  let column = 0;
  let written = '';
  while (from.next()) {
    const source = from.hasSource ? keptSources.indexOf(from.source) : undefined;
    if (source === undefined && nowhere) {
      continue;
    }
    const isNewLine = from.line > line;
    written += isNewLine ? ';'.repeat(from.line - line) : written === '' ? '' : ',';
    written += encode(from.column - (isNewLine ? 0 : column));
    if (source !== undefined) {
      written +=
        encode(source - to.source) +
        encode(from.sourceLine - to.sourceLine) +
        encode(from.sourceColumn - to.sourceColumn);
      const name = from.hasName ? keptNames.indexOf(from.name) : undefined;
      written += name === undefined ? '' : encode(name - to.name);
      Object.assign(to, {
        source,
        sourceLine: from.sourceLine,
        sourceColumn: from.sourceColumn,
        name: name ?? to.name,
      });
    }
    nowhere = source === undefined;
    ({ line, column } = from);
  }
  written += ';'.repeat(from.line - line);
  return `${JSON.stringify({ ...rest, sources: keptSources.values, names: keptNames.values, mappings: written })}\n`;
}

/** Where something in a program comes from. */
export interface PlaceInSource {
  /** The path in the source map; undefined for what comes from nowhere. */
  readonly source: string | undefined;
}

/** The sources that parts of a program come from, by their indexes in it, which must rise. */
export function sourcesAt(program: string, json: string, indexes: readonly number[]): PlaceInSource[] {
  const { sources, mappings } = JSON.parse(json) as SourceMap;
  const found: PlaceInSource[] = [];
  const segments = new Mappings(mappings);
  let source: string | undefined;
  let line = 0;
  let lineStart = 0;
  while (found.length < indexes.length && segments.next()) {
    for (; line < segments.line; line++) {
      lineStart = program.indexOf('\n', lineStart) + 1;
    }
    while (found.length < indexes.length && (indexes[found.length] ?? 0) < lineStart + segments.column) {
      found.push({ source });
    }
    source = segments.hasSource ? (sources[segments.source] ?? undefined) : undefined;
  }
  return [...found, ...indexes.slice(found.length).map(() => ({ source }))];
}

/** Numbers those of some values that are used and wanted, in the order of their use. */
class Kept<Value> {
  public readonly values: Value[] = [];
  private readonly indexes = new Map<number, number>();

  public constructor(
    private readonly all: readonly Value[],
    private readonly isWanted: (value: Value) => boolean,
  ) {}

  public indexOf(index: number): number | undefined {
    const known = this.indexes.get(index);
    const value = this.all[index];
    if (known !== undefined || value === undefined || !this.isWanted(value)) {
      return known;
    }
    this.indexes.set(index, this.values.length);
    return this.values.push(value) - 1;
  }
}

/**
 * Reads the segments of mappings one after the other. A program has some hundred thousand, most of them of packages, so
 * that nothing is made for any of them.
 */
class Mappings {
  /** Where the segment begins in the program, from 0. */
  public line = 0;
  public column = 0;

  /** Whether it says where it comes from; if not, the place is that of a segment before. */
  public hasSource = false;
  public source = 0;
  public sourceLine = 0;
  public sourceColumn = 0;

  /** Whether it has a name there; if not, the name is that of a segment before. */
  public hasName = false;
  public name = 0;

  private at = 0;

  public constructor(private readonly mappings: string) {}

  /** @returns whether there was another one */
  public next(): boolean {
    for (; this.isAtEndOfSegment(); this.at++) {
      if (this.at >= this.mappings.length) {
        return false;
      }
      if (this.mappings.charCodeAt(this.at) === SEMICOLON) {
        this.line++;
        this.column = 0;
      }
    }
    this.column += this.number();
    this.hasSource = !this.isAtEndOfSegment();
    if (this.hasSource) {
      this.source += this.number();
      this.sourceLine += this.number();
      this.sourceColumn += this.number();
    }
    this.hasName = !this.isAtEndOfSegment();
    if (this.hasName) {
      this.name += this.number();
    }
    return true;
  }

  private isAtEndOfSegment(): boolean {
    const character = this.mappings.charCodeAt(this.at);
    return character === COMMA || character === SEMICOLON || this.at >= this.mappings.length;
  }

  private number(): number {
    let number = 0;
    for (let shift = 0; ; shift += BITS) {
      const value = VALUES[this.mappings.charCodeAt(this.at++)] ?? 0;
      number |= (value & (MORE - 1)) << shift;
      if ((value & MORE) === 0) {
        return number & 1 ? -(number >>> 1) : number >>> 1;
      }
    }
  }
}

function encode(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let digits = '';
  do {
    const more = rest >>> BITS > 0 ? MORE : 0;
    digits += DIGITS[(rest & (MORE - 1)) | more];
    rest >>>= BITS;
  } while (rest > 0);
  return digits;
}
