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
}

export type CustomResourceOutcome =
  | { readonly Status: 'SUCCESS'; readonly PhysicalResourceId: string; readonly Data?: object }
  | { readonly Status: 'FAILED'; readonly PhysicalResourceId: string; readonly Reason: string };

/** A whole response may have 4096 bytes; the reason is the part that can grow. */
const MAX_REASON_LENGTH = 2000;

const IDLE_TIMEOUT_MS = 10_000;

/** Tells CloudFormation how it went, by the presigned URL of the event. */
export async function respond(
  event: CustomResourceEvent,
  outcome: CustomResourceOutcome,
  transport: HttpTransport,
  retryPolicy: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const reason = outcome.Status === 'FAILED' ? { Reason: outcome.Reason.slice(0, MAX_REASON_LENGTH) } : {};
  const body = Buffer.from(JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome, ...reason }));
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
