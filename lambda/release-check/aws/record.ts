import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { ReleaseRecord } from '../../../lib/private/release/release-check-contract';
import { callAws, isMissing, type AwsCallPolicy } from './aws-calls';

/** A standard parameter holds 4 KB: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MAX_BYTES = 4096;

/** Enough for the rollback of a rollback. */
const MOST_EARLIER = 5;

/** The record of what was verified, in a parameter of AWS Systems Manager. */
export class RecordStore {
  private readonly client = new SSMClient();

  public constructor(
    private readonly name: string,
    private readonly policy: AwsCallPolicy,
    private readonly signal: AbortSignal,
  ) {}

  /** The record; `undefined` where there is none, or something else in its place. */
  public async read(): Promise<ReleaseRecord | undefined> {
    try {
      const { Parameter } = await this.call('reading', () =>
        this.client.send(new GetParameterCommand({ Name: this.name }), { abortSignal: this.signal }),
      );
      return parseRecord(Parameter?.Value);
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Writes what was verified now before what was verified earlier, as far as there is room. */
  public async write(verified: ReleaseRecord, before: ReleaseRecord | undefined): Promise<void> {
    const Value = recordWith(verified, before);
    await this.call('writing', () =>
      this.client.send(new PutParameterCommand({ Name: this.name, Value, Type: 'String', Overwrite: true }), {
        abortSignal: this.signal,
      }),
    );
  }

  public async delete(): Promise<void> {
    try {
      await this.call('deleting', () =>
        this.client.send(new DeleteParameterCommand({ Name: this.name }), { abortSignal: this.signal }),
      );
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
    }
  }

  public close(): void {
    this.client.destroy();
  }

  private call<T>(doing: string, send: () => Promise<T>): Promise<T> {
    return callAws(this.policy, `${doing} the parameter ${this.name}`, 'ERR_RECORD_DENIED', this.signal, send);
  }
}

/** All that the record says was verified, the newest first. */
export function verifiedOf(record: ReleaseRecord | undefined): readonly ReleaseRecord[] {
  return record === undefined ? [] : [record, ...(record.earlier ?? [])];
}

function recordWith(verified: ReleaseRecord, before: ReleaseRecord | undefined): string {
  const earlier = verifiedOf(before)
    .filter(({ fingerprint, checkHash }) => fingerprint !== verified.fingerprint || checkHash !== verified.checkHash)
    .map(entry => ({ ...entry, earlier: undefined }))
    .slice(0, MOST_EARLIER);
  for (;;) {
    const text = JSON.stringify({ ...verified, earlier: earlier.length === 0 ? undefined : earlier });
    if (Buffer.byteLength(text) <= MAX_BYTES || earlier.length === 0) {
      return text;
    }
    earlier.pop();
  }
}

function parseRecord(text: string | undefined): ReleaseRecord | undefined {
  try {
    const record = JSON.parse(text ?? '') as ReleaseRecord;
    return [record, ...(record.earlier ?? [])].every(isEntry) ? record : undefined;
  } catch {
    // No JSON, or another shape.
    return undefined;
  }
}

function isEntry({ fingerprint, checkHash }: ReleaseRecord): boolean {
  return typeof fingerprint === 'string' && typeof checkHash === 'string';
}
