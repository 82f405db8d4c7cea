/** What AWS Lambda tells a function of its log. */
export interface LogPlace {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

const HIDDEN = '***';

/** Shorter texts are in other words by chance. */
const SHORTEST_SECRET = 6;

/**
 * What a check does, in the function's log: the whole transcript. Nothing that it was told to keep to itself is in it.
 */
export class ReleaseLog {
  private readonly secrets = new Set<string>();

  public constructor(private readonly place: LogPlace) {}

  /** Where the whole transcript is. */
  public get transcript(): string {
    return `log group ${this.place.logGroupName}, log stream ${this.place.logStreamName}`;
  }

  /** Has a text that is a secret or a token hidden wherever it turns up. */
  public hide(secret: string): void {
    if (secret.length >= SHORTEST_SECRET) {
      this.secrets.add(secret);
    }
  }

  /** The text without secrets. */
  public redacted(text: string): string {
    let redacted = text;
    for (const secret of this.secrets) {
      redacted = redacted.replaceAll(secret, HIDDEN);
    }
    return redacted;
  }

  public note(line: string): void {
    console.log(this.redacted(line));
  }

  public warn(line: string): void {
    console.warn(this.redacted(line));
  }

  /** With the place in the code that it comes from, and what is underneath. */
  public error(error: unknown): void {
    for (let current = error; current instanceof Error; current = current.cause) {
      console.error(this.redacted(current.stack ?? current.message));
    }
  }
}
