/** A source map, revision 3 (https://tc39.es/ecma426/). */
interface SourceMap {
  readonly sources: (string | null)[];
  readonly names?: string[];
  readonly mappings: string;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

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
  const from: Position = { source: 0, line: 0, column: 0, name: 0 };
  const to: Position = { source: 0, line: 0, column: 0, name: 0 };
  // Whether what was written last says that its code comes from nowhere. Node.js looks in the lines above, too.
  let nowhere = true;
  const lines = mappings.split(';').map(line => {
    let generated = 0;
    let written = 0;
    const segments: string[] = [];
    for (const segment of line === '' ? [] : line.split(',')) {
      const [generatedBy = 0, sourceBy, lineBy = 0, columnBy = 0, nameBy] = decode(segment);
      generated += generatedBy;
      from.source += sourceBy ?? 0;
      from.line += lineBy;
      from.column += columnBy;
      from.name += nameBy ?? 0;
      const source = sourceBy === undefined ? undefined : keptSources.indexOf(from.source);
      if (source === undefined) {
        if (nowhere) {
          continue;
        }
        segments.push(encode([generated - written]));
      } else {
        const name = nameBy === undefined ? undefined : keptNames.indexOf(from.name);
        segments.push(
          encode([
            generated - written,
            source - to.source,
            from.line - to.line,
            from.column - to.column,
            ...(name === undefined ? [] : [name - to.name]),
          ]),
        );
        Object.assign(to, { source, line: from.line, column: from.column, name: name ?? to.name });
      }
      nowhere = source === undefined;
      written = generated;
    }
    return segments.join(',');
  });
  return `${JSON.stringify({ ...rest, sources: keptSources.values, names: keptNames.values, mappings: lines.join(';') })}\n`;
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
  let current = 0;
  let source: string | undefined;
  let lineStart = 0;
  for (const line of mappings.split(';')) {
    const lineEnd = program.indexOf('\n', lineStart);
    let column = 0;
    for (const segment of line === '' ? [] : line.split(',')) {
      const [columnBy = 0, sourceBy] = decode(segment);
      column += columnBy;
      while (found.length < indexes.length && (indexes[found.length] ?? 0) < lineStart + column) {
        found.push({ source });
      }
      current += sourceBy ?? 0;
      source = sourceBy === undefined ? undefined : (sources[current] ?? undefined);
    }
    while (found.length < indexes.length && lineEnd !== -1 && (indexes[found.length] ?? 0) < lineEnd) {
      found.push({ source });
    }
    lineStart = lineEnd + 1;
    if (found.length === indexes.length || lineEnd === -1) {
      break;
    }
  }
  return [...found, ...indexes.slice(found.length).map(() => ({ source }))];
}

interface Position {
  source: number;
  line: number;
  column: number;
  name: number;
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

function decode(segment: string): number[] {
  const numbers: number[] = [];
  let number = 0;
  let shift = 0;
  for (const digit of segment) {
    const value = VALUES.get(digit) ?? 0;
    number |= (value & (MORE - 1)) << shift;
    shift += BITS;
    if ((value & MORE) === 0) {
      numbers.push(number & 1 ? -(number >>> 1) : number >>> 1);
      number = 0;
      shift = 0;
    }
  }
  return numbers;
}

function encode(numbers: readonly number[]): string {
  return numbers
    .map(number => {
      let rest = number < 0 ? (-number << 1) | 1 : number << 1;
      let digits = '';
      do {
        const more = rest >>> BITS > 0 ? MORE : 0;
        digits += DIGITS[(rest & (MORE - 1)) | more];
        rest >>>= BITS;
      } while (rest > 0);
      return digits;
    })
    .join('');
}
