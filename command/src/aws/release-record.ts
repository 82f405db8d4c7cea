import { RELEASE_RECORD_PREFIX } from 'stateful-mcp-contract';
import { CLIENT_SETTINGS } from './client-settings';

/** What the record of a release says of a version. */
export interface VerifiedVersion {
  readonly verdict: string;
  readonly checkedAt: string;
}

interface WrittenRecord {
  readonly version?: unknown;
  readonly verdict?: unknown;
  readonly checkedAt?: unknown;
  readonly earlier?: readonly WrittenRecord[];
}

/** Which versions were checked, as the release has written it down. Without a release there is no record. */
export async function readRecords(
  runtimeName: string,
  { region, signal: abortSignal }: { readonly region: string; readonly signal: AbortSignal },
): Promise<{ readonly records: ReadonlyMap<string, VerifiedVersion>; readonly problem?: string }> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const client = new SSMClient({ ...CLIENT_SETTINGS, region, maxAttempts: 2 });
  try {
    const { Parameter } = await client.send(
      new GetParameterCommand({ Name: `${RELEASE_RECORD_PREFIX}${runtimeName}` }),
      {
        abortSignal,
      },
    );
    return { records: verifiedVersions(JSON.parse(Parameter?.Value ?? '{}') as WrittenRecord) };
  } catch (error) {
    abortSignal.throwIfAborted();
    const { name, message } = error as Error;
    const isMissing = name === 'ParameterNotFound';
    return { records: new Map(), ...(!isMissing && { problem: `${message} (${name})` }) };
  } finally {
    client.destroy();
  }
}

function verifiedVersions(record: WrittenRecord): Map<string, VerifiedVersion> {
  const { earlier } = record;
  const all = [record, ...(Array.isArray(earlier) ? (earlier as readonly WrittenRecord[]) : [])];
  return new Map(
    all
      .filter(({ version }) => typeof version === 'string')
      // The newest stands first, and a version may have been checked again.
      .reverse()
      .map(({ version, verdict, checkedAt }) => [
        String(version),
        { verdict: String(verdict), checkedAt: String(checkedAt) },
      ]),
  );
}
