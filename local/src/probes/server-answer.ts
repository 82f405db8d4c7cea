import type { ServerConnections, ServerRequest, ServerRequestController } from '../http/server-connections';

/** The beginning of what a server answers, or why it does not. */
export type ServerAnswer =
  { readonly status: number; readonly body: string; readonly error?: undefined } | { readonly error: string };

/**
 * Asks a server something on behalf of the platform, and reads the beginning of its answer.
 *
 * @param longest - characters of the body that are kept
 * @param signal - gives up; its reason is the error
 */
export function serverAnswer(
  connections: ServerConnections,
  request: ServerRequest,
  longest: number,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  return new Promise(resolve => {
    let status = 0;
    let body = '';
    let controller: ServerRequestController | undefined;
    const finish = (answer: ServerAnswer): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = (): void => {
      const reason = signal.reason as Error;
      finish({ error: reason.message });
      controller?.abort(reason);
    };
    if (signal.aborted) {
      giveUp();
      return;
    }
    signal.addEventListener('abort', giveUp);
    connections.dispatch(request, {
      onRequestStart: started => {
        controller = started;
        if (signal.aborted) {
          started.abort(signal.reason as Error);
        }
      },
      onResponseStart: (_, responseStatus) => {
        status = responseStatus;
      },
      onResponseData: (_, chunk) => {
        if (body.length < longest) {
          body = (body + chunk.toString()).slice(0, longest);
        }
      },
      onResponseEnd: () => {
        finish({ status, body });
      },
      onResponseError: (_, { message }) => {
        finish({ error: message });
      },
    });
  });
}
