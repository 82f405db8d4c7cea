import { keptForReader } from './kept-for-reader';

/**
 * The same response; `whenEnded` is called once, when its body has been read to the end, was cancelled, or has failed.
 */
export function whenBodyEnds(response: Response, whenEnded: (failure?: Error) => void): Response {
  return keptForReader(response, { ended: whenEnded });
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
