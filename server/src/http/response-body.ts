/** The same response; `whenEnded` is called once, when its body has been read to the end or cancelled. */
export function whenBodyEnds(response: Response, whenEnded: () => void): Response {
  if (!response.body) {
    whenEnded();
    return response;
  }
  // A body that is cancelled while it is read ends in both ways.
  let open = true;
  const ended = (): void => {
    if (open) {
      whenEnded();
    }
    open = false;
  };
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          return controller.enqueue(value);
        }
        ended();
        controller.close();
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    async cancel(reason) {
      ended();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
}

export function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/**
 * Answers, with `whenEnded` called once, when the response is over: an event stream when it has ended, anything else at
 * once, a failure too.
 */
export async function untilResponded(respond: () => Promise<Response>, whenEnded: () => void): Promise<Response> {
  let response: Response;
  try {
    response = await respond();
  } catch (error) {
    whenEnded();
    throw error;
  }
  if (isEventStream(response)) {
    return whenBodyEnds(response, whenEnded);
  }
  whenEnded();
  return response;
}
