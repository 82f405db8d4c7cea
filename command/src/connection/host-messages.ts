import { Transform, type TransformCallback } from 'node:stream';

const LINE_FEED = 0x0a;
const INVALID_REQUEST = -32600;
const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];
const isMember = (name: string): boolean => MEMBERS.includes(name);

type JsonObject = Record<string, unknown>;

export interface HostMessagesOptions {
  /** What is longer is handed on as it is, to whoever bounds it. */
  readonly maxBytes: number;
  /** Answers a request that is none: the host waits for it. */
  readonly refuse: (answer: JsonObject) => void;
  /** Says what has to be left out. */
  readonly say: (text: string) => void;
}

/**
 * The lines of a host as messages that the SDK reads, which drops what does not fit to the letter. Null is absent, a
 * batch is its messages, and a byte order mark is none.
 */
export class HostMessages extends Transform {
  private pieces: Buffer[] = [];
  private bytes = 0;

  public constructor(private readonly options: HostMessagesOptions) {
    super();
  }

  public override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let start = 0;
    for (let stop = chunk.indexOf(LINE_FEED); stop >= 0; stop = chunk.indexOf(LINE_FEED, start)) {
      this.pieces.push(chunk.subarray(start, stop));
      this.line(Buffer.concat(this.pieces));
      this.pieces = [];
      this.bytes = 0;
      start = stop + 1;
    }
    this.pieces.push(chunk.subarray(start));
    this.bytes += chunk.length - start;
    if (this.bytes > this.options.maxBytes) {
      this.push(Buffer.concat(this.pieces));
      this.pieces = [];
    }
    done();
  }

  private line(line: Buffer): void {
    const text = line
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim();
    if (text === '') {
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      this.options.say(`the host wrote what is not JSON (${(error as Error).message})`);
      return;
    }
    if (isObject(value) && Object.keys(value).every(isMember) && !text.includes('null') && isMessage(value)) {
      // As most are.
      this.push(`${text}\n`);
      return;
    }
    // Revision 2025-03-26 has batches.
    for (const one of [value].flat()) {
      this.message(one);
    }
  }

  private message(value: unknown): void {
    const message = withoutNull(value);
    if (isMessage(message) && !isRequestWithoutId(value)) {
      this.push(`${JSON.stringify(message)}\n`);
      return;
    }
    const { id, method } = message;
    const problem = 'the host wrote what is no message of JSON-RPC 2.0';
    if (method !== undefined && (typeof id === 'string' || typeof id === 'number')) {
      this.options.refuse({ jsonrpc: '2.0', id, error: { code: INVALID_REQUEST, message: problem } });
    } else {
      this.options.say(problem);
    }
  }
}

/** Of a notification null is no id; a request needs one. */
function isRequestWithoutId(value: unknown): boolean {
  return isObject(value) && value.id === null && !String(value.method).startsWith('notifications/');
}

/** Of parameters only the metadata is looked into: the rest is the server's to read. */
function withoutNull(value: unknown): JsonObject {
  if (!isObject(value)) {
    return {};
  }
  const members = present(Object.fromEntries(MEMBERS.map(name => [name, value[name]])));
  const { params } = members;
  if (!isObject(params) || params._meta === undefined) {
    return members;
  }
  const { _meta: meta, ...rest } = params;
  return { ...members, params: meta === null ? rest : { ...rest, _meta: isObject(meta) ? present(meta) : meta } };
}

function present(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

function isMessage({ jsonrpc, id, method, params, result, error }: JsonObject): boolean {
  const hasId = typeof id === 'string' || Number.isSafeInteger(id);
  if (jsonrpc !== '2.0') {
    return false;
  }
  if (method !== undefined) {
    const hasGoodMeta = !isObject(params) || params._meta === undefined || isObject(params._meta);
    return (
      typeof method === 'string' &&
      (id === undefined || hasId) &&
      (params === undefined || isObject(params)) &&
      hasGoodMeta &&
      result === undefined &&
      error === undefined
    );
  }
  return hasId && (error === undefined ? isObject(result) : result === undefined && isObject(error));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
