import { readBody, type HttpTransport } from './http-transport';
import { TransientFailure, withRetries, type RetryPolicy } from './retry';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  /** Of an update: what the resource had before. */
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

export type CustomResourceOutcome =
  | { readonly Status: 'SUCCESS'; readonly PhysicalResourceId: string; readonly Data?: object }
  | { readonly Status: 'FAILED'; readonly PhysicalResourceId: string; readonly Reason: string };

/**
 * A whole response may have 4096 bytes; the reason is the part that can grow.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
const MAX_RESPONSE_BYTES = 4000;

/** Stands for the rest of a reason that is too long. */
const CUT = ' ... (the log has the rest)';

const IDLE_TIMEOUT_MS = 10_000;

/** Tells CloudFormation how it went, by the presigned URL of the event. */
export async function respond(
  event: CustomResourceEvent,
  outcome: CustomResourceOutcome,
  transport: HttpTransport,
  retryPolicy: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const body = responseTo(event, outcome);
  // The URL is signed for a request with an empty content type.
  const headers = { 'content-type': '', 'content-length': String(body.length) };
  await withRetries(retryPolicy, signal, async () => {
    const response = await transport.send({
      method: 'PUT',
      url: new URL(event.ResponseURL),
      headers,
      body,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      signal,
    });
    const answer = await readBody(response);
    if (response.status !== 200) {
      throw new TransientFailure(
        `CloudFormation did not take the response: status ${response.status}: ${answer.toString().slice(0, 200)}`,
      );
    }
  });
}

function responseTo(
  { StackId, RequestId, LogicalResourceId }: CustomResourceEvent,
  outcome: CustomResourceOutcome,
): Buffer {
  const response = { StackId, RequestId, LogicalResourceId, ...outcome };
  if (outcome.Status === 'FAILED') {
    const others = Buffer.byteLength(JSON.stringify({ ...response, Reason: '' }));
    return Buffer.from(JSON.stringify({ ...response, Reason: shortened(outcome.Reason, MAX_RESPONSE_BYTES - others) }));
  }
  return Buffer.from(JSON.stringify(response));
}

/** The beginning of a text that has so many bytes in JSON, where some characters are escaped. No character is split. */
function shortened(text: string, maxBytes: number): string {
  if (bytesInJson(text) <= maxBytes) {
    return text;
  }
  let room = maxBytes - bytesInJson(CUT);
  let kept = '';
  for (const character of text) {
    room -= bytesInJson(character);
    if (room < 0) {
      break;
    }
    kept += character;
  }
  return kept + CUT;
}

/** Without the quotation marks around it. */
function bytesInJson(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
