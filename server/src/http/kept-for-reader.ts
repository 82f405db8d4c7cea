/** What a client may leave unread of one stream before whoever fills it is told to wait. A message is never divided. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * The same response, taken from its maker at once and kept for its reader.
 * @param onChange - told when the reader is behind by more than may be, and when it is not any more, or went away
 */
export function keptForReader(response: Response, onChange: (isBehind: boolean) => void): Response {
  if (!response.body) {
    return response;
  }
  const reader = response.body.getReader();
  let wasBehind = false;
  const tell = (isBehind: boolean): void => {
    if (isBehind !== wasBehind) {
      wasBehind = isBehind;
      onChange(isBehind);
    }
  };
  const take = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        controller.enqueue(next.value);
        tell((controller.desiredSize ?? 0) <= 0);
      }
      controller.close();
    } catch (error) {
      controller.error(error);
    } finally {
      tell(false);
    }
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start: controller => void take(controller),
      // Only called where there is room.
      pull: () => tell(false),
      async cancel(reason) {
        tell(false);
        await reader.cancel(reason);
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
  );
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
}
