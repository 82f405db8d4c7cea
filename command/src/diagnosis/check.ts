import type { DoctorDocument } from '../common/json-documents';
import { clientErrorText } from '../common/client-error-text';

/** What was looked at, what came of it, and what to do. */
export type Check = DoctorDocument['checks'][number];

/** What a check looks at. */
export interface Subject {
  readonly id: string;
  readonly expected: string;
}

export function ok({ id, expected }: Subject, found: string): Check {
  return { id, status: 'ok', found, expected };
}

export function warning({ id, expected }: Subject, found: string, fix: string): Check {
  return { id, status: 'warning', found, expected, fix };
}

export function failed({ id, expected }: Subject, found: string, fix: string): Check {
  return { id, status: 'failed', found, expected, fix };
}

export function skipped({ id, expected }: Subject, found: string, fix?: string): Check {
  return { id, status: 'skipped', found, expected, ...(fix !== undefined && { fix }) };
}

/**
 * Does a check that asks AWS. One that may not ask is skipped: whoever looks for a mistake rarely may read everything.
 *
 * @param action - what has to be allowed for it
 */
export async function asking(subject: Subject, action: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    const { name } = error as Error;
    const exception = (error as { exception?: string }).exception ?? name;
    if (/AccessDenied|UnauthorizedOperation|NotAuthorized|HTTP 403/.test(exception)) {
      return skipped(subject, `not allowed to look: ${firstLine(error)}`, `allow \`${action}\` to whoever runs this`);
    }
    if (/Credentials|TokenProvider|ERR_CREDENTIALS/.test(`${name} ${(error as { code?: string }).code ?? ''}`)) {
      return skipped(subject, 'not looked at, without credentials');
    }
    return failed(
      subject,
      firstLine(error),
      `see whether \`${action}\` works otherwise, and whether the network lets it through`,
    );
  }
}

export function firstLine(error: unknown): string {
  const text = error instanceof Error ? clientErrorText(error) : String(error);
  return text.split('\n', 1)[0] ?? '';
}
