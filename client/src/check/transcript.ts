/** What was sent and what came, line by line, with the time since the check began. No argument and no content is in it. */
export class Transcript {
  public readonly lines: string[] = [];
  private readonly startedAt = Date.now();

  public constructor(private readonly told: (line: string) => void = () => undefined) {}

  public add(line: string): void {
    const timed = `+${Date.now() - this.startedAt} ms ${line}`;
    this.lines.push(timed);
    this.told(timed);
  }
}

/** The method of a message, and the name of what it is about. */
export interface SentMessage {
  readonly method: string;
  readonly name?: string;
}

/** What a request sends: `undefined` when it is no JSON-RPC message. */
export function sentMessage(init: RequestInit | undefined): SentMessage | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') {
    return undefined;
  }
  let message: { method?: unknown; params?: { name?: unknown } };
  try {
    message = JSON.parse(init.body) as typeof message;
  } catch {
    return undefined;
  }
  const { method, params } = message;
  if (typeof method !== 'string') {
    return { method: 'answer' };
  }
  return { method, ...(typeof params?.name === 'string' && { name: params.name }) };
}
