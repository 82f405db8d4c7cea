import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { RetryPolicy } from '../../common/retry';
import { callAws } from './aws-calls';

/** Has the function called again, without waiting for it. */
export async function invokeAgain(
  functionArn: string,
  event: object,
  retries: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const client = new LambdaClient();
  try {
    await callAws({ retries, denialPausesMs: [] }, 'going on in another invocation', 'ERR_OUT_OF_TIME', signal, () =>
      client.send(
        new InvokeCommand({
          FunctionName: functionArn,
          InvocationType: 'Event',
          Payload: Buffer.from(JSON.stringify(event)),
        }),
        { abortSignal: signal },
      ),
    );
  } finally {
    client.destroy();
  }
}
