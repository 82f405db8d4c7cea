import { isEventStream } from './response-body';

const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * Gives the response as it is when it comes within `silenceMs`, and otherwise starts an event stream that stays alive
 * until it comes.
 *
 * The SDK sends nothing at all before a modern handler does, or else an event stream for every call. The first lets a
 * long silent call die in the next proxy or in the client's own header timeout, the second takes the protocol's HTTP
 * status codes away.
 * @param abandon - called when the client goes away before the response came
 */
export async function streamWhenLate(
  answer: Promise<Response>,
  silenceMs: number,
  abandon: () => void,
): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(resolve, silenceMs, 'late');
  });
  const first = await Promise.race([answer, late]).finally(() => clearTimeout(timer));
  return first === 'late' ? new Response(keptAlive(answer, silenceMs, abandon), { headers: SSE_HEADERS }) : first;
}

function keptAlive(answer: Promise<Response>, silenceMs: number, abandon: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const write = (text: string): Promise<void> => writer.write(encoder.encode(text));
  const keepAlive = setInterval(() => void write(': keepalive\n\n').catch(() => undefined), silenceMs);
  let answered = false;
  // The readable side was cancelled: the client went away.
  writer.closed
    .catch(() => {
      if (!answered) {
        abandon();
      }
    })
    .finally(() => clearInterval(keepAlive));

  void write(': keepalive\n\n').catch(() => undefined);
  void answer
    .then(async response => {
      answered = true;
      clearInterval(keepAlive);
      if (isEventStream(response) && response.body) {
        writer.releaseLock();
        return await response.body.pipeTo(writable);
      }
      const text = await response.text();
      if (text) {
        await write(`event: message\ndata: ${text}\n\n`);
      }
      await writer.close();
    })
    .catch(() => writer.abort().catch(() => undefined));
  return readable;
}
